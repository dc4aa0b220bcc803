import { expect, test } from '@jest/globals';
import { mutate } from '../../src/admission/mutate.ts';
import type { AdmissionRequest } from '../../src/admission/review.ts';

const ANSWER = { 'answer.claude.amcheste.io/a.1': 'Yes.' };
const status = {
  workflow: { name: 'crew' },
  questions: [{ id: 'a.1', agent: 'a', text: 'Well?' }],
};

function team(answerers: object | undefined, annotations: object = {}, more: object = { status }) {
  const questions = answerers === undefined ? {} : { answerers };
  return {
    metadata: { name: 'crew', namespace: 'teams', annotations },
    spec: { teammates: [{ name: 'a' }], lead: {}, lifecycle: { questions } },
    ...more,
  };
}

function verdict(oldObject: object, object: object, username: string) {
  const kind = { group: 'claude.amcheste.io', version: 'v1alpha1', kind: 'AgentTeam' };
  const userInfo = { username, groups: [] };
  const request = { kind, object, oldObject, userInfo } as unknown as AdmissionRequest;
  return mutate(request, 'the-controller', '2026-11-29T10:00:00.000Z');
}

const ada = { users: ['ada'] };

test('only answerers answer', () => {
  expect(verdict(team(ada), team(ada, ANSWER), 'ada')).toMatchObject({ allowed: true });
  expect(verdict(team(ada), team(ada, ANSWER), 'eve')).toMatchObject({ allowed: false });
});

test.each([[{ users: ['ada', 'eve'] }], [{ users: ['ada'], groups: ['all'] }], [undefined]])(
  'nobody makes themselves an answerer of a running team: %j',
  (changed) => {
    expect(verdict(team(ada), team(changed), 'eve')).toMatchObject({
      allowed: false,
      message: expect.stringContaining('answerers cannot be changed while the team is running'),
    });
    const ended = { status: { ...status, completedAt: '2026-11-29T09:00:00.000Z' } };
    expect(verdict(team(ada, {}, ended), team(changed, {}, ended), 'eve')).toMatchObject({
      allowed: true,
    });
    expect(verdict(team(ada, {}, {}), team(changed, {}, {}), 'eve')).toMatchObject({
      allowed: true,
    });
  },
);
