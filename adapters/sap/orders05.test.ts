import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { tradeOrderOfIdoc } from '../../mappings/sap/s4.orders05.ts';
import { readIdocs } from './idocs.ts';

const receivedAt = '2026-11-23T01:31:00.000Z';
const idocWith = (parts: string, lines: string) =>
  Buffer.from(
    `<ORDERS05><IDOC BEGIN="1"><EDI_DC40 SEGMENT="1"><IDOCTYP>ORDERS05</IDOCTYP></EDI_DC40>${parts}${lines}</IDOC></ORDERS05>`,
  );
const orderIn = (body: Buffer) => {
  const [first] = readIdocs(body);
  if (first?.type !== 'order') throw new Error('no order');
  return tradeOrderOfIdoc({ path: first.path, idoc: first.idoc, receivedAt, salesOrganization: '1000' });
};
const pointerOf = (act: () => unknown) => {
  try {
    act();
  } catch (thrown) {
    return (thrown as { errors: readonly { pointer: string }[] }).errors[0]?.pointer;
  }
  return undefined;
};
const header =
  '<E1EDK01><CURCY>CNY</CURCY><BELNR>0000004711</BELNR></E1EDK01><E1EDK03><IDDAT>022</IDDAT><DATUM>20261120</DATUM></E1EDK03>';
const buyer = '<E1EDKA1 SEGMENT="1"><PARVW>AG</PARVW><PARTN>17101</PARTN></E1EDKA1>';
const line = (fields: string) =>
  `<E1EDP01 SEGMENT="1"><POSEX>00010</POSEX><MENGE>3</MENGE><MENEE>TO</MENEE>${fields}</E1EDP01>`;
const material = '<E1EDP19 SEGMENT="1"><QUALF>002</QUALF><IDTNR>M1</IDTNR></E1EDP19>';

describe('ORDERS05 that others wrote', () => {
  test('may leave out totals, names and the sales organisation: they are computed, absent, and ours', () => {
    expect(orderIn(idocWith(header + buyer, line(`<VPREI>10.005</VPREI>${material}`)))).toMatchObject({
      orderNo: '4711',
      orderDate: '2026-11-20',
      total: '30.02',
      seller: { externalNo: '1000' },
      sentAt: receivedAt,
      messageNo: '4711',
      lines: [{ lineNo: '10', unit: 'TNE', amount: '30.02', unitPrice: '10.01' }],
    });
  });

  test('may have an amount but no price', () => {
    expect(orderIn(idocWith(header + buyer, line(`<NETWR>100.00</NETWR>${material}`))).lines[0]).toMatchObject({
      unitPrice: '33.33',
      amount: '100.00',
    });
  });

  test('may carry unknown fields, optional segments, customer segments at any depth, and an empty segment', () => {
    const extras =
      '<Z1EDK01 SEGMENT="1"><ANY>x</ANY></Z1EDK01><E1EDK04 SEGMENT="1"/><_-ABC_-SEG SEGMENT="1"><E9X>1</E9X></_-ABC_-SEG>';
    const inside = `<NEWFIELD>1</NEWFIELD><E1EDP05 SEGMENT="1"><KSCHL>PR00</KSCHL><E1EDPS5 SEGMENT="1"/></E1EDP05><Z1LINE SEGMENT="1"/>`;
    expect(orderIn(idocWith(header + extras + buyer, line(`<VPREI>1</VPREI>${inside}${material}`))).total).toBe('3.00');
  });

  test('may be an extension of the basic type, whose name is the root', () => {
    const body = idocWith(header + buyer, line(`<VPREI>1</VPREI>${material}`)).toString();
    const extended = body
      .replaceAll('ORDERS05>', '_-ABC_-ORDERS>')
      .replace('<IDOCTYP>ORDERS05</IDOCTYP>', '')
      .replace('ORDERS></IDOCTYP', 'ORDERS05></IDOCTYP');
    const control = '<IDOCTYP>ORDERS05</IDOCTYP><CIMTYP>/ABC/ORDERS</CIMTYP>';
    const named = extended.replace(
      /<EDI_DC40 SEGMENT="1">.*<\/EDI_DC40>/,
      `<EDI_DC40 SEGMENT="1">${control}</EDI_DC40>`,
    );
    expect(orderIn(Buffer.from(named)).orderNo).toBe('4711');
    expect(pointerOf(() => orderIn(Buffer.from(named.replace('/ABC/', '/XYZ/'))))).toBe('/_-ABC_-ORDERS');
  });

  test('may have the order number in a reference, the buyer as bill-to, the material as MATNR', () => {
    const parts =
      header.replace('<BELNR>0000004711</BELNR>', '') +
      '<E1EDK02 SEGMENT="1"><QUALF>001</QUALF><BELNR>PO-1</BELNR></E1EDK02>' +
      buyer.replace('AG', 'RE');
    expect(orderIn(idocWith(parts, line('<VPREI>1</VPREI><MATNR>000000000010001547</MATNR>')))).toMatchObject({
      orderNo: 'PO-1',
      purchaseOrderNo: 'PO-1',
      buyer: { externalNo: '17101' },
      lines: [{ materialCode: '10001547' }],
    });
  });

  const at = '/ORDERS05/IDOC[1]';
  test.each([
    ['no buyer', header, line(`<VPREI>1</VPREI>${material}`), `${at}/E1EDKA1/PARTN`],
    [
      'no order number',
      header.replace('<BELNR>0000004711</BELNR>', '') + buyer,
      line(`<VPREI>1</VPREI>${material}`),
      `${at}/E1EDK01/BELNR`,
    ],
    [
      'no currency',
      header.replace('<CURCY>CNY</CURCY>', '') + buyer,
      line(`<VPREI>1</VPREI>${material}`),
      `${at}/E1EDK01/CURCY`,
    ],
    [
      'a wrong date',
      header.replace('20261120', '20261320') + buyer,
      line(`<VPREI>1</VPREI>${material}`),
      `${at}/E1EDK03[1]/DATUM`,
    ],
    ['no material', header + buyer, line('<VPREI>1</VPREI>'), `${at}/E1EDP01[1]/E1EDP19/IDTNR`],
    ['no price and no amount', header + buyer, line(material), `${at}/E1EDP01[1]/VPREI`],
    [
      'a price per another unit and no amount',
      header + buyer,
      line(`<VPREI>1</VPREI><PMENE>KGM</PMENE>${material}`),
      `${at}/E1EDP01[1]/NETWR`,
    ],
    [
      'a price unit of zero',
      header + buyer,
      line(`<VPREI>1</VPREI><PEINH>0</PEINH>${material}`),
      `${at}/E1EDP01[1]/PEINH`,
    ],
    ['a negative amount', header + buyer, line(`<NETWR>5.00-</NETWR>${material}`), `${at}/E1EDP01[1]/NETWR`],
    [
      'an amount with a third decimal',
      header + buyer,
      line(`<NETWR>5.001</NETWR>${material}`),
      `${at}/E1EDP01[1]/NETWR`,
    ],
    ['the same line twice', header + buyer, line(`<VPREI>1</VPREI>${material}`).repeat(2), `${at}/E1EDP01[2]/POSEX`],
    [
      'a number longer than ours',
      header.replace('0000004711', 'X'.repeat(65)) + buyer,
      line(`<VPREI>1</VPREI>${material}`),
      `${at}/E1EDK01/BELNR`,
    ],
    [
      'an endless field',
      header.replace('0000004711', 'X'.repeat(501)) + buyer,
      line(`<VPREI>1</VPREI>${material}`),
      `${at}/E1EDK01[1]/BELNR[1]`,
    ],
  ])('with %s are refused by XPath', (_, parts, lines, pointer) => {
    expect(pointerOf(() => orderIn(idocWith(parts, lines)))).toBe(pointer);
  });

  test('never end in anything but an order or a failure, whatever one field holds', () => {
    const body = idocWith(
      header + buyer,
      line(`<VPREI>1</VPREI><PEINH>1</PEINH><NETWR>3.00</NETWR>${material}`),
    ).toString();
    const fields = [
      'CURCY',
      'BELNR',
      'DATUM',
      'PARVW',
      'PARTN',
      'POSEX',
      'MENGE',
      'MENEE',
      'VPREI',
      'PEINH',
      'NETWR',
      'IDTNR',
    ];
    const value = fc.oneof(
      fc.string({ unit: 'grapheme-ascii' }),
      fc.constantFrom('', '0', '-1', '9'.repeat(40), '1e9', '０', 'constructor'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...fields), value, (field, text) => {
        const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
        const changed = body.replace(new RegExp(`<${field}>[^<]*<`), () => `<${field}>${escaped}<`);
        try {
          orderIn(Buffer.from(changed));
        } catch (thrown) {
          expect(['CONTRACT_VIOLATED', 'EXT_CODE_UNMAPPED']).toContain((thrown as { type: string }).type);
        }
      }),
      { numRuns: 500 },
    );
  });
});
