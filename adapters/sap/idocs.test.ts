import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { billingNoticeOf, deliveryNoticeOf, ordersIn } from '../../mappings/sap/s4.idocs.ts';
import { readIdocs } from './idocs.ts';

const receivedAt = '2026-11-23T01:31:00.000Z';
const file = (name: string) => readFileSync(new URL(`examples/${name}`, import.meta.url), 'utf8');
const delvry07 = file('delvry07.xml');
const invoic02 = file('invoic02.xml');

const noticesIn = (body: string): readonly object[] =>
  readIdocs(Buffer.from(body)).flatMap((each): object[] => {
    if (each.type === 'billing') return [billingNoticeOf({ receivedAt, path: each.path, idoc: each.idoc })];
    if (each.type !== 'delivery') return [];
    const { path, idoc } = each;
    return ordersIn(idoc, path).map((orderNo) => deliveryNoticeOf({ receivedAt, path, orderNo, idoc }));
  });
const refusal = (body: string) => {
  try {
    noticesIn(body);
  } catch (thrown) {
    return (thrown as { errors: readonly { pointer: string }[] }).errors[0]?.pointer;
  }
  return undefined;
};

describe('a delivery', () => {
  test('of two orders is told once for each, with its own lines', () => {
    expect(noticesIn(delvry07)).toMatchObject([
      { orderNo: '4500017001', deliveryNo: '80000001', lines: [{ lineNo: '10', quantity: '60.000', unit: 'TNE' }] },
      { orderNo: '4500017002', deliveryNo: '80000001', lines: [{ lineNo: '20', orderLineNo: '10' }] },
    ]);
  });

  test('may be of an older basic type, carry customer segments, and be one of several in a body', () => {
    const older = delvry07
      .replaceAll('DELVRY07', 'DELVRY03')
      .replace('<E1EDL21', '<Z1EDL SEGMENT="1"><X>1</X></Z1EDL><_-BIC_-SEG SEGMENT="1"/><E1EDL21');
    expect(noticesIn(older)).toHaveLength(2);
    const idoc = delvry07.slice(delvry07.indexOf('<IDOC'), delvry07.indexOf('</DELVRY07>'));
    const both = `<DELVRY07>${idoc}${idoc.replace('1042', '1043').replace('0080000001', '0080000002')}</DELVRY07>`;
    expect(noticesIn(both)).toMatchObject([
      { messageNo: '0000000000001042' },
      {},
      { messageNo: '0000000000001043', deliveryNo: '80000002' },
      {},
    ]);
  });

  const at = '/DELVRY07/IDOC[1]';
  test.each([
    ['no order', delvry07.replace(/<VGBEL>4500017001<\/VGBEL>/, ''), `${at}/E1EDL20/E1EDL24[1]/VGBEL`],
    ['no line', delvry07.replaceAll(/<E1EDL24.*?<\/E1EDL24>/gs, ''), `${at}/E1EDL20/E1EDL24`],
    ['no header', delvry07.replaceAll(/<E1EDL20.*<\/E1EDL20>/gs, ''), `${at}/E1EDL20`],
    ['another message', delvry07.replace('>DESADV<', '>WHSORD<'), `${at}/EDI_DC40/MESTYP`],
    ['a wrong quantity', delvry07.replace('60.000', '6O.000'), `${at}/E1EDL20/E1EDL24[1]/LFIMG`],
    ['a unit of nobody', delvry07.replace('>TNE<', '>TON<'), `${at}/E1EDL20/E1EDL24[1]/VRKME`],
    ['a segment of nobody', delvry07.replaceAll('E1EDL21', 'E1EDL99'), `${at}/E1EDL20[1]/E1EDL99[1]`],
  ])('with %s is refused by XPath', (_, body, pointer) => {
    expect(refusal(body)).toBe(pointer);
  });

  test('does not travel in the body of an invoice', () => {
    const idoc = delvry07.slice(delvry07.indexOf('<IDOC'), delvry07.indexOf('</DELVRY07>'));
    expect(refusal(invoic02.replace('</INVOIC02>', `${idoc}</INVOIC02>`))).toBe('/INVOIC02/IDOC[2]/E1EDK01');
  });
});

describe('a billing document', () => {
  test('is read with its payer, due date and taxes', () => {
    expect(noticesIn(invoic02)).toMatchObject([
      {
        billingNo: '90000001',
        type: 'invoice',
        payer: { externalNo: '17101' },
        dueDate: '2027-01-22',
        net: '204000.00',
        tax: '26520.00',
        gross: '230520.00',
      },
    ]);
  });

  const at = '/INVOIC02/IDOC[1]';
  test.each([
    ['a total that does not come out', invoic02.replace('230520.00', '230520.01'), `${at}/E1EDS01[3]/SUMME`],
    ['lines that are not the net value', invoic02.replace('204000.00<', '204000.01<'), `${at}/E1EDS01[2]/SUMME`],
    ['a billing type of nobody', invoic02.replace('>F2<', '>ZF2<'), `${at}/E1EDK14/ORGID`],
    ['no payer', invoic02.replaceAll('PARVW>', 'PARVX>'), `${at}/E1EDKA1/PARTN`],
    ['no number of message', invoic02.replace(/<DOCNUM>.*?<\/DOCNUM>/, ''), `${at}/EDI_DC40/DOCNUM`],
  ])('with %s is refused by XPath', (_, body, pointer) => {
    expect(refusal(body)).toBe(pointer);
  });
});
