/** How the operators' console is built: one hashed bundle that a strict content security policy allows, inside a size budget. */
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

/** JS + CSS over the wire for a hot route. Both routes share one bundle today, so the bundle is what a route costs. */
const BUDGET_GZIP_BYTES = 110_000;

// A build started from a test inherits NODE_ENV=test, and React would come along in its development size (171 kB).
process.env['NODE_ENV'] = 'production';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  publicDir: false,
  plugins: [sizeBudget()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0, // A data: URL would be refused by `default-src 'self'`.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});

function sizeBudget(): Plugin {
  return {
    name: 'size-budget',
    writeBundle(_options, bundle) {
      let total = 0;
      for (const [name, file] of Object.entries(bundle)) {
        if (!/\.(js|css)$/.test(name)) continue;
        total += gzipSync(file.type === 'chunk' ? file.code : file.source).length;
      }
      const line = `console: ${(total / 1000).toFixed(1)} kB gz of ${BUDGET_GZIP_BYTES / 1000} kB (JS + CSS)`;
      if (total > BUDGET_GZIP_BYTES) this.error(line);
      process.stdout.write(`${line}\n`);
    },
  };
}
