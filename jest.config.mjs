/**
 * The tests in two groups, because coverage is of `core/` and costs each suite that loads it seconds: the suites of `core/`
 * alone cover it, and those of the rest run without its counters.
 */
const OF_CORE = '<rootDir>/tests/core/';

const suites = {
  testEnvironment: 'node',
  roots: ['<rootDir>/tests'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript' },
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: { '^skillos$': '<rootDir>/core/skill-api.ts' },
};

const ofCore = { ...suites, roots: ['<rootDir>/core', OF_CORE], testMatch: ['**/*.test.ts'] };

const ofTheRest = {
  ...suites,
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', OF_CORE],
  coveragePathIgnorePatterns: ['.*'],
  globalSetup: '<rootDir>/tests/support/global-setup.ts',
  globalTeardown: '<rootDir>/tests/support/global-teardown.ts',
  setupFilesAfterEnv: ['<rootDir>/tests/support/second-attempt.mjs'],
};

export default {
  projects: [ofCore, ofTheRest],
  testTimeout: 180_000,
  maxWorkers: 3,
  testSequencer: '<rootDir>/tests/support/longest-first.mjs',
  workerIdleMemoryLimit: '1500MB',
  coverageProvider: 'babel',
  collectCoverageFrom: ['core/**/*.ts'],
  coverageReporters: [['text', { skipFull: true }]],
  coverageThreshold: { './core/**/*.ts': { branches: 100 } },
  reporters: ['default', '<rootDir>/tests/support/summary-reporter.mjs'],
};
