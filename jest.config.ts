import type { Config } from 'jest';

export default {
  transform: {}, // Not the default, which is Babel. Node's own type stripping takes over (Jest >= 30.5.2).
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['<rootDir>/**/*.test.ts'],
  testTimeout: 20_000, // Real servers on a machine with other things to do; a test that needs less says less.
  globalSetup: '<rootDir>/test/setup.ts',
  globalTeardown: '<rootDir>/test/teardown.ts',
} satisfies Config;
