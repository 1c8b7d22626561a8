import { expect, test } from '@jest/globals';
import type { TProperties } from 'typebox';
import { entity, type Definition } from './canonical/definition.ts';
import { bizText, opt, text } from './canonical/fields.ts';
import { documentOf, fileOf, judge, type PublishedFiles } from './publication.ts';

const no = bizText('编号', 'Its number');
const note = text('备注', 'For people');

function box(version: number, fields: TProperties): Definition {
  return entity({ name: 'box', zh: '箱', en: 'A thing that holds things', source: 'a test', version }, fields);
}

/** What is in the folder after publishing, one after the other. */
function publish(...steps: Definition[][]): PublishedFiles {
  const files = new Map<string, string>();
  for (const definitions of steps) {
    const { findings, writes } = judge(definitions, files);
    expect(findings.filter(({ grade }) => grade === 'refused')).toEqual([]);
    for (const [file, text] of writes) files.set(file, text);
  }
  return files;
}

function said(definitions: readonly Definition[], files: PublishedFiles): string[] {
  return judge(definitions, files).findings.map(({ grade, file, what }) => `${grade} ${file}: ${what}`);
}

const first = box(1, { no });

test('what is not published yet is stale; once published, all is well', () => {
  expect(said([first], new Map())).toEqual([
    'stale box.v1.json: is not published yet',
    'stale index.json: does not list what there is',
  ]);
  const files = publish([first]);
  expect([...files.keys()].sort()).toEqual(['box.v1.json', 'index.json']);
  expect(said([first], files)).toEqual([]);
});

test('a partner gets a schema that is complete in itself', () => {
  expect(documentOf(first)).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:lianshu:contract:box:v1',
    title: '箱',
    description: 'A thing that holds things. Source: a test.',
    additionalProperties: false,
    examples: [{ no: expect.any(String) }],
  });
  expect(JSON.stringify(documentOf(first))).not.toContain('$ref');
  expect(fileOf({ name: 'portal/application', version: 2 })).toBe('portal.application.v2.json');
});

test('an optional field may be added to the same version; the file is then stale', () => {
  const files = publish([first]);
  const more = box(1, { no, note: opt(note) });
  expect(said([more], files)[0]).toBe('stale box.v1.json: is not what the code makes');
  expect(said([more], publish([first], [more]))).toEqual([]);
});

test('a breaking change without a new version is refused by the name of the field, and with one it is not', () => {
  const files = publish([first]);
  expect(said([box(1, { no, note })], files)).toContain(
    'refused box.v1.json: #/note new required field, which breaks writers: needs version 2',
  );
  const both = publish([first], [box(2, { no, note })]);
  expect(both.get('box.v1.json')).toBe(files.get('box.v1.json'));
  expect(said([box(2, { no, note })], both)).toEqual([]);
});

test('the files of old versions are kept for ever', () => {
  const second = box(2, { no, note });
  const files = new Map(publish([first], [second]));
  files.delete('box.v1.json');
  expect(said([second], files)).toEqual(['refused box.v1.json: is published and its file is gone']);
  files.set('box.v1.json', '{}\n');
  expect(said([second], files)).toEqual(['refused box.v1.json: its file was changed by hand']);
});

test('versions follow each other, and a published contract is not withdrawn', () => {
  const files = publish([first]);
  expect(said([box(3, { no })], files)[0]).toBe('refused box.v3.json: version 3 cannot follow version 1');
  const two = publish([first], [box(2, { no })]);
  expect(said([first], two)[0]).toBe('refused box.v1.json: version 1 cannot follow version 2');
  expect(said([], files)).toEqual(['refused box.v1.json: is published and cannot be withdrawn']);
});

test('a file that belongs to no contract is found', () => {
  const files = new Map(publish([first])).set('bax.v1.json', '{}');
  expect(said([first], files)).toEqual(['refused bax.v1.json: belongs to no contract']);
});
