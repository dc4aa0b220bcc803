import type { TeamDetail } from '@agentteam/detail';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { html } from '../src/html/html.ts';
import { markdown } from '../src/html/markdown.ts';
import { htmlReport, markdownReport } from '../src/index.ts';
import { detailOf } from './detail-of.ts';

/** Control characters, and marks that change the direction of a text. */
const HIDDEN = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u;
const NOW = '2026-11-29T10:00:00.000Z';
const ATTACKS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</style><script>alert(1)</script>',
  '[x](javascript:alert(1)) ![y](http://198.51.100.7/y.png) <http://198.51.100.7>',
  '[a]: http://198.51.100.7\n\n[a]',
  '| a |\n|--:|\n| <svg/onload=alert(1)> |',
  '```html\n</code></pre><script>alert(1)</script>\n```',
  '\u001b[31mred\u001b[0m\u001b]0;title\u0007 \u202eevil \u0000',
  '``` \n```',
  '&lt;script&gt;',
];
const attack = fc.oneof(
  fc.constantFrom(...ATTACKS),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(fc.constantFrom(...ATTACKS, '\n', '`', '|', '<', '>', '"'), { maxLength: 6 })
    .map((all) => all.join('')),
);

/** The elements that a report consists of. None of them runs or loads anything. */
const ELEMENTS =
  'article b body code dd details div dl dt em figcaption figure footer g h1 h2 h3 h4 h5 h6 head header hr html img li line main meta ol p path pre polygon polyline rect s section span strong style summary svg table tbody td text th thead title tr ul br blockquote'.split(
    ' ',
  );
const ATTRIBUTES =
  'alt aria-label aria-labelledby charset class content d height http-equiv id lang name open points preserveAspectRatio role rx scope src start tabindex viewBox width x x1 x2 y y1 y2'.split(
    ' ',
  );

/** Every `<` in a page begins markup, because texts are escaped. */
function tagsOf(page: string): readonly string[] {
  const body = page.replace(/<style>[^<]*<\/style>/, '<style></style>');
  return body.match(/<[^>]*>/g) ?? [];
}

function forbidden(page: string): readonly string[] {
  return tagsOf(page).filter((tag) => {
    const [, name = '', rest = ''] =
      /^<\/?([a-z0-9]+)((?:\s+[^\s=>"]+(?:="[^"]*")?)*)\s*\/?>$/i.exec(tag) ?? [];
    const attributes = [...rest.matchAll(/([^\s="]+)(?:="([^"]*)")?/g)];
    return (
      !ELEMENTS.includes(name) ||
      attributes.some(
        ([, key = '', value = '']) =>
          !ATTRIBUTES.includes(key) || (key === 'src' && !value.startsWith('data:image/')),
      )
    );
  });
}

describe('a text of an agent', () => {
  test('never becomes markup', () => {
    const empty = tagsOf(html`<p title="${''}">${''}</p>`.markup).length;
    fc.assert(
      fc.property(attack, (text) => {
        const page = html`<p title="${text}">${text}</p>`.markup;
        expect(tagsOf(page)).toHaveLength(empty);
        expect(page).not.toMatch(HIDDEN);
      }),
    );
  });

  test('has no effect as Markdown except its structure', () => {
    fc.assert(
      fc.property(attack, (text) => {
        expect(forbidden(markdown(text).markup)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test.each(ATTACKS)('is inert everywhere in a report: %j', (text) => {
    const detail = hostile(detailOf(), text);
    expect(forbidden(htmlReport(detail, NOW).replace('<!doctype html>', ''))).toEqual([]);
    const written = markdownReport(detail, NOW);
    expect(written).not.toMatch(HIDDEN);
    // Outside of code, no line has markup that a renderer of Markdown would pass on.
    const own = written.split('\n').filter((line) => !line.startsWith('>'));
    const outside = own.join('\n').replace(/`[^`]*`/g, '');
    expect(outside).not.toMatch(/(?<!\\)<(?:script|img|svg|http)/);
  });
});

test('the page forbids scripts and requests, and its policy matches its style', () => {
  const page = htmlReport(detailOf(), NOW);
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1];
  expect(policy).toMatch(
    /^default-src &#39;none&#39;; style-src &#39;sha256-[\w+/]{43}=&#39;; img-src data:/,
  );
  expect(page).not.toMatch(/\bhttps?:|\bstyle="/);
});

/** Puts a text into every text field of a detail. Fields with a fixed set of values keep theirs. */
function hostile(detail: TeamDetail, text: string): TeamDetail {
  const fixed = new Set(
    'kind state role status decision mediaType at from to startedAt endedAt createdAt openedAt usd limit outcome input output cacheRead cacheWrite other'.split(
      ' ',
    ),
  );
  const changed = (value: unknown, key: string, isSummary: boolean): unknown => {
    if (typeof value === 'string') {
      if (key === 'outcome' && isSummary) return text;
      return fixed.has(key) && !(key === 'from' && value === 'lead') ? value : text;
    }
    if (Array.isArray(value)) return value.map((one) => changed(one, key, false));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, changed(one, name, key === 'summary')]),
    );
  };
  return changed(detail, '', false) as TeamDetail;
}
