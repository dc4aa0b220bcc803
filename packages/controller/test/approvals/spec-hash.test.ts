import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hashOf, proofOf } from '../../src/approvals/proof.ts';
import { specHash } from '../../src/approvals/spec-hash.ts';

const spec = { lead: { prompt: 'Lead.' }, teammates: [{ name: 'a', prompt: 'A.' }] };

test('neither defaults nor the order of keys change the hash', () => {
  const filled = {
    teammates: [{ prompt: 'A.', name: 'a' }],
    lifecycle: { approvalGates: [{ event: 'deliver', allowAuthor: true, requiredApprovals: 1 }] },
    lead: { prompt: 'Lead.' },
  };
  const bare = { ...spec, lifecycle: { approvalGates: [{ event: 'deliver' }] } };
  expect(specHash(filled)).toBe(specHash(bare));
  expect(specHash(bare)).not.toBe(specHash(spec));
});

test.each([
  { ...spec, lead: { prompt: 'Lead!' } },
  { ...spec, teammates: [...spec.teammates, { name: 'b', prompt: 'B.' }] },
  { ...spec, teammates: [{ name: 'a', prompt: 'A.', budgetLimit: '1.00' }] },
])('a different spec has a different hash: %j', (other) => {
  expect(specHash(other)).not.toBe(specHash(spec));
});

test('a proof is unique to a team, a spec and a gate', () => {
  const text = fc.string({ maxLength: 8 });
  const about = fc.record({ namespace: text, name: text, uid: text, spec: text, event: text });
  const of = ({ spec: digest, event, ...metadata }: Record<string, string>) =>
    proofOf(
      Buffer.alloc(32, 7),
      { apiVersion: 'v1', kind: 'AgentTeam', metadata: { name: '', ...metadata } },
      digest ?? '',
      event ?? '',
    );
  fc.assert(
    fc.property(about, about, (one, other) => {
      expect(of(one) === of(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      expect(hashOf(of(one))).not.toBe(of(one));
    }),
  );
});
