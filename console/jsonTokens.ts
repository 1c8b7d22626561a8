/** Splits pretty-printed JSON into keys, strings, numbers, words and masked values. Joined again it is the same text. */

export type JsonToken = {
  readonly kind: 'plain' | 'key' | 'string' | 'number' | 'word' | 'masked';
  readonly text: string;
};

export function jsonTokens(json: string): readonly JsonToken[] {
  const tokens: JsonToken[] = [];
  let end = 0;
  for (const match of json.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/g)) {
    if (match.index > end) tokens.push({ kind: 'plain', text: json.slice(end, match.index) });
    const [all, quoted, colon] = match;
    if (quoted !== undefined && colon !== undefined) {
      tokens.push({ kind: 'key', text: quoted }, { kind: 'plain', text: colon });
    } else {
      tokens.push({ kind: valueKind(all), text: all });
    }
    end = match.index + all.length;
  }
  if (end < json.length) tokens.push({ kind: 'plain', text: json.slice(end) });
  return tokens;
}

function valueKind(text: string): JsonToken['kind'] {
  if (text.startsWith('"')) return text.includes('*') ? 'masked' : 'string';
  return /^[-\d]/.test(text) ? 'number' : 'word';
}
