/** After all tests: the server ends with them. */

export default async function teardown(): Promise<void> {
  await globalThis.lianshuTestServer?.stop();
}
