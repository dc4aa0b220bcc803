import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Nodes, Root } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { textFor } from '../src/index.ts';
import { hostileText, PIECES, UNSEEN } from './support/hostile.ts';

/** Parses Markdown as GitHub does (https://github.github.com/gfm/). */
function parsed(markdown: string): Root {
  return fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
}

function typesIn(node: Nodes): readonly string[] {
  return [node.type, ...('children' in node ? node.children.flatMap(typesIn) : [])];
}

/** The text between texts of ours, as in a pull request. */
function shape(text: string) {
  const quotation = textFor('pull-request', text);
  const root = parsed(`## Summary\n\nThe lead reported:\n\n${quotation}\n\n*Made by a team.*`);
  return { quotation, root };
}

// https://docs.gitlab.com/administration/issue_closing_pattern/ has the default pattern.
const CLOSES =
  /\b((?:[Cc]los(?:e[sd]?|ing)|\b[Ff]ix(?:e[sd]|ing)?|\b[Rr]esolv(?:e[sd]?|ing)|\b[Ii]mplement(?:s|ed|ing)?)(:?) +(?:(?:issues? +)?(?:[\w./-]*#\d+|https?:\/\/\S+)|[A-Z][A-Z0-9_]+-\d+))/;
/** Patterns that services and bots act on in the source, even inside code. */
const ACTED_ON = [
  /^[ \t]*\/[a-z]/im,
  /^[ \t]*#{1,6} /m,
  /@[\w-]/,
  /#\d/,
  /\bGH-\d/i,
  /\/\/[^\s/]/,
  /\bwww\./i,
  /[!&]\d/,
  /\[(?:skip ci|ci skip|no ci)\]/i,
  /^::include/m,
  CLOSES,
];

describe('in a pull request', () => {
  test('any text becomes one quoted block of code', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const { root } = shape(text);
        expect(root.children.map(({ type }) => type)).toEqual([
          'heading',
          'paragraph',
          'blockquote',
          'paragraph',
        ]);
        const [, , quotation] = root.children;
        expect(quotation).toMatchObject({ children: [{ type: 'code', lang: 'text', meta: null }] });
        expect(typesIn(root)).not.toContain('link');
      }),
      { numRuns: 2_000 },
    );
  });

  test('no line of the source triggers a service or a bot', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const quotation = textFor('pull-request', text);
        for (const line of quotation.split('\n')) expect(line).toMatch(/^>( |$)/);
        for (const pattern of ACTED_ON) expect(quotation).not.toMatch(pattern);
        expect(quotation).not.toMatch(UNSEEN);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([...PIECES.github, ...PIECES.gitlab, 'Ⰰwww.host.example'])(
    '%j triggers nothing',
    (piece) => {
      const { quotation, root } = shape(piece);
      expect(root.children).toHaveLength(4);
      for (const pattern of ACTED_ON) expect(quotation).not.toMatch(pattern);
    },
  );

  test('an agent’s text stays readable', () => {
    const text =
      'I changed `a.ts`, as @ada asked in #12.\n\n## Checks passed\n/MERGE\nSee https://example.com/x.';
    expect(textFor('pull-request', text)).toBe(
      [
        '> ```text',
        '> I changed `a.ts`, as @ ada asked in # 12.',
        '>',
        '> ## Checks passed',
        '> /MERGE',
        '> See https:/ /example.com/x.',
        '> ```',
      ].join('\n'),
    );
  });

  test('long lines are wrapped and long texts are shortened', () => {
    const lines = textFor('pull-request', 'word '.repeat(2_000)).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(102);
    expect(lines.at(-2)).toMatch(/…$/);
    expect(textFor('pull-request', '😀'.repeat(4_000))).not.toMatch(/\p{Cs}/u);
  });
});

test("a pull request's title is one line within the services’ limit", () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const title = textFor('pull-request-title', text.repeat(20));
      expect(title).not.toMatch(/\n/);
      expect(title).not.toMatch(UNSEEN);
      expect(title.length).toBeLessThanOrEqual(255);
    }),
  );
  expect(textFor('pull-request-title', 'Fix #12')).toBe('Fix #12');
});

test("in Argo's title and description any text is plain, and Argo substitutes nothing in it", () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const line = textFor('argo', text);
      expect(line).not.toMatch(/\{\{|\}\}|\n/);
      const types = typesIn(parsed(`- **team**: ${line}`));
      expect(new Set(types)).toEqual(
        new Set(['root', 'list', 'listItem', 'paragraph', 'strong', 'text']),
      );
    }),
    { numRuns: 2_000 },
  );
  expect(textFor('argo', 'claude-sonnet-4-5@20250929')).toBe('claude-sonnet-4-5@20250929');
});
