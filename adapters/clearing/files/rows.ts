/** What a settlement file is made of, whatever its form: a header, details, a trailer, each with the line it stands in. */
import type { Static } from 'typebox';
import { Failure } from '../../../contracts/failures.ts';
import type { FilesDetail, FilesHeader, FilesTrailer } from '../../../contracts/clearing/files.wire.ts';

export type Row =
  | { readonly type: 'header'; readonly line: number; readonly value: Static<typeof FilesHeader.schema> }
  | { readonly type: 'detail'; readonly line: number; readonly value: Static<typeof FilesDetail.schema> }
  | { readonly type: 'trailer'; readonly line: number; readonly value: Static<typeof FilesTrailer.schema> };

/** A few hundred at a time: one by one would be a turn of the event loop each. */
export type Rows = AsyncIterable<readonly Row[]>;

/** Never what stands in the line: it may be personal. */
export function malformed(name: string, line: number, detail: string): Failure {
  return new Failure('CONTRACT_VIOLATED', {
    detail: `${name} line ${line}: ${detail}`,
    errors: [{ pointer: `${name}#${line}`, code: 'malformed', detail }],
  });
}

export function notWhole(name: string, detail: string): Failure {
  return new Failure('FILE_NOT_WHOLE', { detail: `${name}: ${detail}` });
}

/** What iconv-lite puts where bytes are no character. */
export const noCharacter = '\uFFFD';
