import { expect, test } from '@jest/globals';
import { ownedBy } from '../../src/kube/objects.ts';
import { isOwnedBy } from '../../src/reconcile/team/refs.ts';

const team = {
  apiVersion: 'claude.amcheste.io/v1alpha1',
  kind: 'AgentTeam',
  metadata: { name: 'mailing', namespace: 'sales', uid: '1' },
};
const owned = (change: object) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Workflow',
  metadata: { name: 'mailing', ownerReferences: [{ ...ownedBy(team), ...change }] },
});

test.each<[string, object, boolean]>([
  ['the team', {}, true],
  ['the team in another version', { apiVersion: 'claude.amcheste.io/v1' }, true],
  ['another team of the same name', { uid: '2' }, false],
  // The policy that protects Workflows does not know these.
  ['another group', { apiVersion: 'example.com/v1alpha1' }, false],
  [
    'a group that begins in the same way',
    { apiVersion: 'claude.amcheste.io.example.com/v1' },
    false,
  ],
  ['another kind', { kind: 'AgentTeamRun' }, false],
])('an object is owned by %s: %j is %s', (_, change, isOwned) => {
  expect(isOwnedBy(owned(change), team)).toBe(isOwned);
});
