import { expect, test } from '@jest/globals';
import { agentNamed, parseQuestionId, questionId, shownName } from '../src/index.ts';

test('people know the lead as `lead`, and Claude Code as `team-lead`', () => {
  expect(['team-lead', 'api'].map(shownName)).toEqual(['lead', 'api']);
  expect(['lead', 'team-lead', 'api'].map(agentNamed)).toEqual(['team-lead', 'team-lead', 'api']);
});

test('ids of questions have the name for people', () => {
  expect(questionId('team-lead', 2)).toBe('lead.2');
  expect(parseQuestionId('lead.2')).toEqual({ agent: 'team-lead', number: 2 });
  // Questions of a run that an earlier version started.
  expect(parseQuestionId('team-lead.2')).toEqual({ agent: 'team-lead', number: 2 });
});
