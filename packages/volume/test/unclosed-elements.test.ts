import { formatPaths, readPaths, readReportOf } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { formatMailElement, readMailElements, withoutMailElements } from '../src/mail-element.ts';
import { traceOf } from '../src/request-trace.ts';

// With quadratic time, each of these would take hours.
const COUNT = 500_000;

test('a prompt with many elements that are never closed is read as fast as any other', () => {
  const text = '<system-reminder>'.repeat(COUNT) + '<paths>\n'.repeat(COUNT);
  const traced = traceOf([{ role: 'user', content: `${text}</paths` }]);
  expect(traced.prompt).not.toBe(traceOf([{ role: 'user', content: text }]).prompt);
  expect(readPaths(`${text}x</paths>`)).toEqual(new Map());
  expect(readReportOf('a', `${'<report from="a">\n'.repeat(COUNT)}x</report>`)).toBeUndefined();
  const mail = '<teammate-message teammate_id="a">\n'.repeat(COUNT);
  expect(readMailElements(`${mail}x</teammate-message>`)).toEqual([]);
  expect(withoutMailElements(mail) === mail).toBe(true);
});

test('text that differs between runs does not change the trace', () => {
  const prompt = (date: string, path: string) =>
    traceOf([
      {
        role: 'user',
        content: `<system-reminder>${date}</system-reminder>Go.${formatPaths(new Map([['/work', path]]))}`,
      },
    ]);
  expect(prompt('Monday', '/a')).toEqual(prompt('Tuesday', '/b'));
});

test('mail is removed from a prompt, and the rest stays', () => {
  const mail = formatMailElement({ from: 'api', text: 'Done.' });
  expect(withoutMailElements(`Before. ${mail} After.`)).toBe('Before.  After.');
  expect(readMailElements(`Before. ${mail} After.`)).toEqual([{ from: 'api', text: 'Done.' }]);
});
