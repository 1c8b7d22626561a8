import type { Config } from 'jest';

export default {
  transform: {}, // Not the default, which is Babel. Node's own type stripping takes over (Jest >= 30.5.2).
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['<rootDir>/**/*.test.ts'],
  globalSetup: '<rootDir>/test/setup.ts',
  globalTeardown: '<rootDir>/test/teardown.ts',
} satisfies Config;
