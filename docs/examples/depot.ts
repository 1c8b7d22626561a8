/** The counterparty of the examples: a depot that reserves goods, hands them out and says when they have left. */
import { Type } from 'typebox';
import { contract, strict } from '../../contracts/contract.ts';
import { enquiry, kind, notice, operation, QueryByNumber } from '../../contracts/kind.ts';

export const Order = contract(
  'example/order',
  strict({ orderNo: Type.String({ maxLength: 32 }), pieces: Type.Integer({ minimum: 1, maximum: 9_999 }) }),
);
const Reservation = contract('example/reservation', strict({ orderNo: Type.String({ maxLength: 32 }) }));
const Reserved = contract('example/reserved', strict({ place: Type.String({ maxLength: 16 }) }));
const Left = contract('example/left', strict({ orderNo: Type.String({ maxLength: 32 }) }));

export const depot = kind(
  'depot',
  {
    reserve: operation({
      request: Order,
      response: Reserved,
      // It changes the world: its intent is committed before the first byte leaves, and it is never sent blindly again.
      effect: 'write',
      // The same number twice is one reservation: what makes sending it again safe once the depot says "never heard of it".
      idempotent: true,
      settleMs: 60_000,
      query: 'queryReservation',
      numberOf: (request) => request.orderNo,
      label: { zh: '预留', en: 'reserve' },
    }),
    cancel: operation({
      request: Reservation,
      response: Reservation,
      effect: 'write',
      idempotent: true,
      query: 'queryReservation',
      numberOf: (request) => `C-${request.orderNo}`,
      label: { zh: '取消预留', en: 'cancel' },
    }),
    queryReservation: operation({
      request: QueryByNumber,
      response: enquiry(Reserved),
      effect: 'read',
      label: { zh: '查询预留', en: 'query reservation' },
    }),
  },
  {
    left: notice({
      contract: Left,
      label: { zh: '出库', en: 'goods left' },
      keyOf: (message) => message.orderNo,
      idOf: (message) => message.orderNo,
    }),
  },
);
