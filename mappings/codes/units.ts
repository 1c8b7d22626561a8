/** Units of measure inside the hub: UN/ECE Recommendation 20. A vendor's own names for them are in that vendor's table. */
import { codeTable } from './codeTable.ts';

/** `power`: one is 10^power of the smallest decimal unit of its dimension; absent where no power of ten says it. */
export const units = codeTable('codes.unit', 'UN/ECE Recommendation 20, revision 17', {
  TNE: { zh: '吨', en: 'tonne', dimension: 'mass', power: 6 },
  KGM: { zh: '千克', en: 'kilogram', dimension: 'mass', power: 3 },
  GRM: { zh: '克', en: 'gram', dimension: 'mass', power: 0 },
  LBR: { zh: '磅', en: 'pound', dimension: 'mass' },
  MTQ: { zh: '立方米', en: 'cubic metre', dimension: 'volume', power: 3 },
  DMQ: { zh: '立方分米', en: 'cubic decimetre', dimension: 'volume', power: 0 },
  LTR: { zh: '升', en: 'litre', dimension: 'volume', power: 0 },
  MTR: { zh: '米', en: 'metre', dimension: 'length', power: 0 },
  MTK: { zh: '平方米', en: 'square metre', dimension: 'area', power: 0 },
  C62: { zh: '件', en: 'piece', dimension: 'count', power: 0 },
  SET: { zh: '套', en: 'set', dimension: 'set', power: 0 },
});

/** How many powers of ten lie between two units; undefined when they do not measure the same, or not by tens. */
export function powersBetween(from: string, to: string): number | undefined {
  const [a, b] = [units.of(from), units.of(to)];
  if (a.dimension !== b.dimension || !('power' in a) || !('power' in b)) return undefined;
  return a.power - b.power;
}
