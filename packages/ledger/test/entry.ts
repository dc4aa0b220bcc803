import { type LedgerEntry, NO_TOKENS } from '../src/index.ts';

/** A ledger entry of one cent. */
export function entry(fields: Partial<LedgerEntry> & { readonly id: string }): LedgerEntry {
  return {
    v: 1,
    state: 'done',
    at: '2026-11-23T10:00:00.000Z',
    team: 'demo',
    agent: 'worker',
    model: 'claude-opus-5-5',
    tokens: { ...NO_TOKENS, input: 10 },
    webSearches: 0,
    usd: '0.01',
    basis: 'list',
    status: 200,
    messagesSent: 0,
    ...fields,
  };
}
