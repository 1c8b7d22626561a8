/** After all tests: the server ends with them. */
import './setup.ts';

export default async function teardown(): Promise<void> {
  await globalThis.lianshuTestServer?.stop();
}
