import { defineConfig } from 'vitest/config';

// Suites that need the built bundles, a real python3 or a real VS Code prepare these themselves.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 300_000,
    // What is polled for comes soon, but a busy machine may take its time.
    expect: { poll: { timeout: 30_000 } },
  },
});
