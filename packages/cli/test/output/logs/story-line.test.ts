import { describe, expect, test } from '@jest/globals';
import pc from 'picocolors';
import { storyLine } from '../../../src/output/logs/story-line.ts';
import { toolText } from '../../../src/output/logs/tool-text.ts';

const plain = pc.createColors(false);
const story = (text: string, container = 'main'): string =>
  storyLine({ step: 'api', container, text }, plain);
const AT = '2026-11-29T12:00:05Z';

test('a line has its date, its time and the zone', () => {
  const line = story(`${AT} says I read the file.`);
  const [, date, time, zone] =
    /^(\S+) (\S+) ([+-]\d\d:\d\d) api {2}I read the file\.$/.exec(line) ?? [];
  expect(new Date(`${date}T${time}${zone}`).toISOString()).toBe('2026-11-29T12:00:05.000Z');
});

test.each([
  ['tool Edit {"file_path":"src/a.ts","old_string":"x"}', '> Edit src/a.ts'],
  ['turn ended', 'turn ended'],
  ['mail from team-lead', 'mail from team-lead'],
  ['start session 1-2', 'started'],
  ['start session 1-2 resumed', 'started again in its session'],
  ['git a remark', 'git: a remark'],
  ['constructor x', 'constructor: x'],
])('%s', (text, shown) => {
  expect(story(`${AT} ${text}`)).toMatch(new RegExp(`api {2}${shown.replace('+', '\\+')}$`));
});

test('a line of a gateway has its event and fields', () => {
  const line = {
    level: 'warn',
    time: AT,
    team: 't',
    agent: 'a',
    event: 'budget-warning',
    spent: '1',
  };
  expect(story(JSON.stringify(line), 'gateway')).toMatch(
    / api\/gateway {2}! budget-warning spent=1$/,
  );
});

test('the step of the lead has the name of the lead', () => {
  const line = storyLine({ step: 'Lead', container: 'setup', text: 'x' }, plain);
  expect(line.trim()).toBe('lead/setup  x');
  const again = storyLine({ step: 'Lead(1)', container: 'main', text: 'x' }, plain);
  expect(again.trim()).toBe('lead(1)  x');
});

test('a line without a time is aligned with the others', () => {
  const column = story(`${AT} says x`).indexOf('api');
  expect(story('tests passed').indexOf('api')).toBe(column);
});

test('terminal sequences have no effect', () => {
  expect(story(`${AT} says \u001b[2Jx`)).not.toContain('\u001b');
  expect(story(`${AT} tool Bash {"command":"\\u001b[2Jx"}`)).not.toContain('\u001b');
});

describe('toolText', () => {
  test.each([
    ['Bash {"command":"npm test","description":"Run"}', 'Bash npm test'],
    ['Bash {"command":"npm \\"a\\"\\nnpm b…', 'Bash npm "a" npm b…'],
    ['SendMessage {"to":"api","summary":"s","message":"Go on"}', 'SendMessage to api: Go on'],
    ['SendMessage {"to":"team-lead","message":"I h…', 'SendMessage to lead: I h…'],
    [
      'SendMessage {"to":"team-lead","summary":"the \\"total\\"","message":"I…',
      'SendMessage to lead: the "total"…',
    ],
    ['SendMessage {"to":"team-lead","messa…', 'SendMessage to lead: …'],
    [
      'TaskUpdate {"taskId":"2","owner":"team-lead","status":"pending"}',
      'TaskUpdate #2 pending for lead',
    ],
    ['mcp__agentteam__report {"outcome":"failed","summary":"x"}', 'report failed'],
    ['mcp__agentteam__ask_person {"question":"x"}', 'ask_person x'],
    ['report {"outcome":"failed","summary":"x"}', 'report failed'],
    ['TaskList {}', 'TaskList'],
    ['Odd {"a":1}', 'Odd {"a":1}'],
    ['Odd', 'Odd'],
  ])('%s', (call, text) => {
    expect(toolText(call)).toBe(text);
  });
});
