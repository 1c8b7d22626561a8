/** The templates (合同模板) of a signing service, and the file that comes of filling one. */

interface TemplateField {
  readonly name: string;
  readonly title: string;
  readonly charsMax: number;
  readonly isRequired: boolean;
}

export interface Template {
  readonly title: string;
  readonly fields: readonly TemplateField[];
}

/** The pledge contract (动产质押合同) and the order to release goods (放货通知书); each vendor has ids of its own for them. */
export const templates: Readonly<Record<'pledge' | 'release', Template>> = {
  pledge: {
    title: '动产质押合同',
    fields: [
      { name: 'contractNo', title: '合同编号', charsMax: 40, isRequired: true },
      { name: 'pledgor', title: '出质人', charsMax: 100, isRequired: true },
      { name: 'pledgee', title: '质权人', charsMax: 100, isRequired: true },
      { name: 'principal', title: '主债权金额', charsMax: 30, isRequired: false },
      { name: 'signDate', title: '签订日期', charsMax: 20, isRequired: false },
    ],
  },
  release: {
    title: '放货通知书',
    fields: [
      { name: 'noticeNo', title: '通知编号', charsMax: 40, isRequired: true },
      { name: 'warehouse', title: '仓储监管方', charsMax: 100, isRequired: true },
      { name: 'goods', title: '货物及数量', charsMax: 200, isRequired: true },
    ],
  },
};

/** What is wrong with the values, of the template's own fields; `stranger` and `missing` are names, `long` is too long. */
export function faultOf(
  { fields }: Template,
  values: ReadonlyMap<string, string>,
): { readonly kind: 'stranger' | 'missing' | 'long'; readonly name: string } | undefined {
  const stranger = [...values.keys()].find((name) => !fields.some((field) => field.name === name));
  if (stranger !== undefined) return { kind: 'stranger', name: stranger };
  const missing = fields.find(({ name, isRequired }) => isRequired && !values.get(name));
  if (missing) return { kind: 'missing', name: missing.name };
  const long = fields.find(({ name, charsMax }) => (values.get(name)?.length ?? 0) > charsMax);
  return long && { kind: 'long', name: long.name };
}

/** One page in a typeface that readers bring along, so that it shows Chinese without carrying one. */
export function filledPdf({ title, fields }: Template, values: ReadonlyMap<string, string>): Buffer {
  const lines = fields.map((field) => `${field.title}：${values.get(field.name) ?? ''}`);
  const content = [
    'BT /F1 18 Tf 180 760 Td',
    `${hex(title)} Tj /F1 11 Tf -108 -40 Td`,
    ...lines.map((line) => `${hex(line)} Tj 0 -24 Td`),
    'ET',
  ].join('\n');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>',
    '<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /FontDescriptor 7 0 R /CIDSystemInfo ' +
      '<< /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>',
    '<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 ' +
      '/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>',
  ];
  let text = '%PDF-1.4\n';
  const entries = objects.map((object, index) => {
    const at = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(at).padStart(10, '0')} 00000 n \n`;
  });
  const xrefAt = text.length;
  const size = objects.length + 1;
  text += `xref\n0 ${size}\n0000000000 65535 f \n${entries.join('')}trailer\n<< /Size ${size} /Root 1 0 R >>\n`;
  return Buffer.from(`${text}startxref\n${xrefAt}\n%%EOF\n`, 'latin1');
}

const hex = (line: string): string => `<${Buffer.from(line, 'utf16le').swap16().toString('hex')}>`;
