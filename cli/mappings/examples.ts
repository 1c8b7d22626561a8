/** Files of `{ from, to }`: golden examples, and messages as they were recorded. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { AnyMapping } from '../../contracts/mapping.ts';
import { projectFolder } from '../home.ts';
import { isObject } from './shape.ts';

export interface Example {
  readonly file: string;
  readonly from: unknown;
  readonly to: unknown;
}

const fileBytesMax = 50_000_000;
const filesMax = 100_000;

export const mappingsFolder = join(projectFolder, 'mappings');

/** `<vendor>.<message>.json` and `<vendor>.<message>.<case>.json` in the examples of its kind. */
export function examplesOf(mapping: AnyMapping, folder = mappingsFolder): Example[] {
  const [kind = '', ...rest] = mapping.name.split('.');
  const place = join(folder, kind, 'examples');
  const prefix = `${rest.join('.')}.`;
  const files = existsSync(place) ? readdirSync(place).sort() : [];
  return files
    .filter((file) => file.startsWith(prefix) && file.endsWith('.json'))
    .flatMap((file) => readExamples(join(place, file)));
}

/** One file or all `.json` of a folder; a file holds one example or a list of them. @throws Error that names the file */
export function readExamples(path: string): Example[] {
  const files = statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((file) => file.endsWith('.json'))
        .sort()
        .map((file) => join(path, file))
    : [path];
  if (files.length > filesMax) throw new Error(`${path} holds more than ${filesMax} files`);
  return files.flatMap((file) => {
    if (statSync(file).size > fileBytesMax) throw new Error(`${file} is larger than ${fileBytesMax} bytes`);
    const content = parsed(file);
    const list = Array.isArray(content) ? (content as unknown[]) : [content];
    return list.map((each, index) => {
      if (!isObject(each) || !('from' in each)) throw new Error(`${file}: {"from": …, "to": …} was expected`);
      const shown = list.length > 1 ? `${basename(file)}#${index}` : basename(file);
      return { file: shown, from: each['from'], to: each['to'] };
    });
  });
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch {
    throw new Error(`${file} is not JSON`); // Never its content: it may be personal.
  }
}
