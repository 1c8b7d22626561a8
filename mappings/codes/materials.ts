/**
 * Materials (物料) that may be pledged: the hub's own codes, which the seller's ERP, the warehouse and the price source use
 * as they are. A counterparty that spells one differently gets a table of its own whose meanings are these codes.
 */
import { codeTable } from './codeTable.ts';

export const materials = codeTable('codes.material', 'catalogue of pledgeable goods, reviewed with each product', {
  'HRB400E-12': { zh: '螺纹钢 HRB400E 12mm', en: 'rebar HRB400E 12 mm', unit: 'TNE', standard: 'GB/T 1499.2-2024' },
  'HRC-Q235B-3': {
    zh: '热轧卷板 Q235B 3.0mm',
    en: 'hot-rolled coil Q235B 3.0 mm',
    unit: 'TNE',
    standard: 'GB/T 3274-2017',
  },
  'NI-9996-CATH': { zh: '电解镍 Ni9996', en: 'nickel cathode Ni9996', unit: 'TNE', standard: 'GB/T 6516-2010' },
});
