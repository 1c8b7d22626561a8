/** Remote function calls into SAP, whatever carries them: SOAP over HTTP always, SAP's own protocol where node-rfc is installed. */

export type RfcValue = string | RfcRow | readonly RfcRow[];
export interface RfcRow {
  readonly [field: string]: string;
}

export interface RfcTransport {
  /**
   * Calls a function module. Tables that shall come back are asked for by name: SOAP leaves out those that were not sent.
   * @throws Failure; never for a business error, which stands in RETURN
   */
  call(
    functionModule: string,
    imports: Readonly<Record<string, RfcValue>>,
    tables: readonly string[],
  ): Promise<unknown>;
  /** A business date `2026-11-23` as this transport wants it. */
  date(date: string): string;
}
