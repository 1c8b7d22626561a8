/** Remote function calls into SAP, whatever carries them: SOAP over HTTP always, SAP's own protocol where node-rfc is installed. */

export type RfcValue = string | RfcRow | readonly RfcRow[];
export interface RfcRow {
  readonly [field: string]: string;
}

/**
 * Calls a function module. Tables that shall come back are asked for by name: SOAP leaves out those that were not sent.
 * @throws Failure; never for a business error, which stands in RETURN
 */
export type RfcCall = (
  functionModule: string,
  imports: Readonly<Record<string, RfcValue>>,
  tables: readonly string[],
) => Promise<unknown>;

/** Calls that share one unit of work (LUW) in SAP: what one begins, a later one commits. */
export interface RfcSession {
  readonly call: RfcCall;
  /** The call that ends the session. */
  readonly end: RfcCall;
}

export interface RfcTransport {
  readonly call: RfcCall;
  /**
   * What was begun and not committed is rolled back, here or by SAP when the session times out. After an error the unit of
   * work is gone, and nothing more can be called: a commit would commit nothing.
   */
  session<T>(act: (session: RfcSession) => Promise<T>): Promise<T>;
  /** A business date `2026-11-23` as this transport wants it. */
  date(date: string): string;
}
