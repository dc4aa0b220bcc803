import { describe, expect, test } from '@jest/globals';
import { htmlReport, markdownReport } from '../src/index.ts';
import { detailOf } from './detail-of.ts';

const NOW = '2026-11-29T10:00:00.000Z';

describe('htmlReport', () => {
  test('has every part of a team', () => {
    const page = htmlReport(detailOf(), NOW);
    const titles = [...page.matchAll(/<h2 id="[a-z]+">([^<]+)</g)].map(([, title]) => title);
    expect(titles).toEqual(
      'Outcome Notices Results Changes Checks Decisions Questions Steps Timeline Agents Tasks Conversation Costs Events'.split(
        ' ',
      ),
    );
    expect(page).toContain('<strong>42</strong>');
    expect(page).toContain('<td>rejected</td><td>ann</td>');
    expect(page).toContain('Which &lt;b&gt;quarter&lt;/b&gt;?');
    expect(page).toContain('<th scope="col">b, c</th>');
    expect(page).toContain('src="data:image/png;base64,AAAA"');
    expect(page).toContain('$1.50 of $5.00');
    expect(page).toContain(
      '<b>Ann</b> to <b>dev</b> <span class="muted">2026-11-29 09:00:04 UTC, a person</span>',
    );
    expect(page).toContain('1 of 1 task ·');
  });

  test('has what people said, answers included', () => {
    expect(htmlReport(detailOf(), NOW)).toContain('UTC, a person</span></p><pre>Q3, I say.</pre>');
  });

  test('names steps as people know them, and no namespace where there is none', () => {
    const { summary, steps, ...rest } = detailOf();
    const detail = { ...rest, steps, summary: { ...summary, namespace: '' } };
    expect(htmlReport(detail, NOW)).toContain('<td>lead</td><td>rejected</td>');
    expect(htmlReport(detail, NOW)).not.toContain('Namespace');
    expect(markdownReport(detail, NOW)).not.toContain('Namespace');
  });

  test('of a team that has not begun has no empty parts', () => {
    const { summary } = detailOf();
    const { startedAt: _s, endedAt: _e, outcome: _o, ...rest } = summary;
    const page = htmlReport(
      {
        ...detailOf(),
        summary: { ...rest, phase: 'Pending' },
        tasks: [],
        messages: [],
        gates: [],
        questions: [],
        costs: [],
        results: { files: [], cut: false },
        diffs: [],
        checks: [],
        events: [],
        notices: [],
      },
      NOW,
    );
    expect(page).toContain('The lead has not reported.');
    expect(page).not.toContain('NaN');
    expect(page).not.toContain('id="timeline"');
  });
});

test('mail with an invented sender is marked', () => {
  const detail = detailOf();
  const [message] = detail.messages;
  if (message === undefined) throw new Error('no message');
  const messages = [{ ...message, kind: 'message' as const, from: 'Ann' }];
  const forged = { ...detail, messages };
  expect(htmlReport(forged, NOW)).toMatch(/<b>Ann<\/b> to .* UTC, not an agent/);
  expect(markdownReport(forged, NOW)).toMatch(/\*\*Ann\*\* to .* UTC, not an agent$/m);
});

test('markdownReport quotes what agents wrote', () => {
  const text = markdownReport(detailOf(), NOW);
  expect(text).toContain('# crew: Completed (rehearsal)');
  expect(text).toContain('> ```text\n> We found **42**.\n> ```');
  expect(text).toContain(
    '| deliver | rejected | ann | 2026-11-29 09:00:32 UTC | agentteam | not yet |',
  );
  expect(text).toContain('**Ann** to **dev**, 2026-11-29 09:00:04 UTC, a person');
  expect(text).toContain('**Ann** to **dev**, 2026-11-29 09:00:05 UTC, a person');
  const { outcome: _, ...summary } = detailOf().summary;
  expect(markdownReport({ ...detailOf(), summary }, NOW)).toContain(
    '## Outcome\n\nThe lead has not reported.',
  );
});
