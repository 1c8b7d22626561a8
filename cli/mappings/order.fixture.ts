/** A mapping for the tests of its observers: it carries, decides, drops and makes up. */
import { Type } from 'typebox';
import { contract, strict } from '../../contracts/contract.ts';
import { mapping, type Declared } from '../../contracts/mapping.ts';
import { codeTable } from '../../mappings/codes/codeTable.ts';

export const states = codeTable('test.vendor.state', 'made for tests', { A: 'open', C: 'closed', P: 'pending' });

const Vendor = contract(
  'test/vendor',
  strict({
    no: Type.String(),
    state: Type.String(),
    kind: Type.Literal('order'),
    payer: strict({ name: Type.String({ 'x-pii': 'name' }), phone: Type.String({ 'x-pii': 'phone' }) }),
    lines: Type.Array(strict({ code: Type.String(), quantity: Type.Integer(), note: Type.Optional(Type.String()) })),
    total: Type.Integer(),
    reason: Type.Optional(Type.String()),
  }),
);

const Ours = contract(
  'test/ours',
  Type.Union([
    strict({
      outcome: Type.Literal('confirmed'),
      no: Type.String(),
      state: Type.String(),
      payer: Type.String({ 'x-pii': 'name' }),
      channel: Type.String(),
      lineCount: Type.Integer(),
      lines: Type.Array(strict({ material: Type.String(), quantity: Type.Integer() })),
      total: Type.Integer(),
      remark: Type.Optional(Type.String()),
    }),
    strict({ outcome: Type.Literal('pending') }),
    strict({ outcome: Type.Literal('refused'), detail: Type.String() }),
  ]),
);

export const testMapping = (declared: Declared = {}) =>
  mapping(
    'test.vendor.order',
    Vendor,
    Ours,
    (order) => {
      const state = states.of(order.state, '#/state');
      if (state === 'pending') return { outcome: 'pending' as const };
      const total = order.lines.reduce((sum, line) => sum + line.quantity, 0);
      if (total !== order.total) return { outcome: 'refused' as const, detail: 'the lines do not add up' };
      return {
        outcome: 'confirmed' as const,
        no: order.no,
        state,
        payer: order.payer.name,
        channel: 'edi',
        lineCount: order.lines.length,
        lines: order.lines.map(({ code, quantity }) => ({ material: code, quantity })),
        total: order.total,
      };
    },
    declared,
  );

export const reasons = {
  '/kind': 'the contract allows one only',
  '/payer/phone': 'not needed',
  '/lines/[]/note': 'for the vendor itself',
  '/reason': 'only when it is refused',
};

export const order = {
  no: 'A-1',
  state: 'A',
  kind: 'order',
  payer: { name: '陈建国', phone: '13800000001' },
  lines: [
    { code: 'M1', quantity: 300 },
    { code: 'M2', quantity: 45 },
  ],
  total: 345,
};

export function exampleOf(from: unknown, to?: unknown, file = 'test.json') {
  return { file, from, to: to ?? testMapping()(from as never) };
}

export const examples = [
  exampleOf(order),
  exampleOf({ ...order, state: 'P' }),
  exampleOf({ ...order, total: 1 }),
] as const;
