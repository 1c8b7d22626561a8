/** Before all tests: one server for the run. A problem with it is told by the tests that need it, not by the others. */
import { ephemeralRootKey } from '../store/sealing/rootKeys.ts';
import { startServer, type TestServer } from './server.ts';

declare global {
  var lianshuTestServer: TestServer | undefined;
}

export default async function setup(): Promise<void> {
  // Without these, Ctrl-C ends Jest at once and nothing that listens for the end of the process is heard.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  process.once('SIGHUP', () => process.exit(129));
  ephemeralRootKey();
  try {
    const server = await startServer();
    globalThis.lianshuTestServer = server;
    process.env['LIANSHU_TEST_URL'] = server.adminUrl;
    process.env['LIANSHU_TEST_TEMPLATE'] = server.template;
  } catch (error) {
    process.env['LIANSHU_TEST_PROBLEM'] = error instanceof Error ? error.message : String(error);
  }
}
