import { defineConfig } from 'vitest/config';

// Suites that need the built bundles, a real python3 or a real VS Code prepare these themselves.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // What takes a moment may take minutes on a busy machine: these are for what never ends.
    testTimeout: 240_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
