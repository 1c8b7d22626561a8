/** The bank's own codes: what it answers when it says no. */

export const codes = {
  '0000': { status: 200, message: 'ok' },
  '1001': { status: 400, message: 'the body is not JSON' },
  '1002': { status: 400, message: 'a field is wrong' },
  '1003': { status: 404, message: 'no such service' },
  '1101': { status: 401, message: 'the signature does not verify' },
  '1102': { status: 401, message: 'the timestamp lies outside five minutes' },
  '1103': { status: 401, message: 'the request id was used before' },
  '1104': { status: 400, message: 'the package cannot be opened or its seal does not verify' },
  '2001': { status: 409, message: '存在在途申请' },
  '2002': { status: 409, message: 'the number was used with another content' },
  '2003': { status: 409, message: 'what the message refers to is not known here' },
  '2004': { status: 409, message: 'the offer expired' },
  '2005': { status: 409, message: 'the amount is above the limit' },
  '2006': { status: 409, message: 'the payee is not the mandated one' },
  '2007': { status: 409, message: 'the collateral is not in custody' },
  '2009': { status: 409, message: 'the state does not allow it' },
  '2010': { status: 409, message: 'the loan would be above the pledge rate' },
  '2011': { status: 409, message: 'the amount is more than is owed' },
  '4040': { status: 404, message: 'there is no such number' },
  '5000': { status: 500, message: 'internal error' },
} as const;

export type Code = keyof typeof codes;

/** A clear no. Nothing was registered under the number of the call. */
export class Refusal extends Error {
  readonly code: Code;

  constructor(code: Code, detail?: string) {
    super(detail ?? codes[code].message);
    this.code = code;
  }
}
