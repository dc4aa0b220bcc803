import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type MarkdownNode, markdownTree } from '../src/index.ts';

/** All text of a tree, and the addresses of its links. */
function textOf(nodes: readonly MarkdownNode[]): string {
  return nodes.map((node) => (typeof node === 'string' ? node : textOf(node.children))).join('');
}
function linksOf(nodes: readonly MarkdownNode[]): readonly string[] {
  return nodes.flatMap((node) =>
    typeof node === 'string'
      ? []
      : [...(node.tag === 'a' ? [node.href ?? ''] : []), ...linksOf(node.children)],
  );
}

describe('markdownTree', () => {
  test('reads headings, lists, tables and code', () => {
    expect(markdownTree('# A *b*\n\n1. one\n\n|x|y|\n|-|-:|\n|1|2|\n\n```js\nlet a;\n```')).toEqual(
      [
        { tag: 'h1', children: ['A ', { tag: 'em', children: ['b'] }] },
        { tag: 'ol', children: [{ tag: 'li', children: ['one'] }] },
        {
          tag: 'table',
          children: [
            {
              tag: 'thead',
              children: [
                {
                  tag: 'tr',
                  children: [
                    { tag: 'th', children: ['x'] },
                    { tag: 'th', children: ['y'], isNumber: true },
                  ],
                },
              ],
            },
            {
              tag: 'tbody',
              children: [
                {
                  tag: 'tr',
                  children: [
                    { tag: 'td', children: ['1'] },
                    { tag: 'td', children: ['2'], isNumber: true },
                  ],
                },
              ],
            },
          ],
        },
        { tag: 'pre', children: ['let a;\n'] },
      ],
    );
  });

  test.each([
    ['[a](javascript:alert(1))'],
    ['[a](JaVaScRiPt:alert(1))'],
    ['[a](&#106;avascript:alert(1))'],
    ['[a](data:text/html,<script>alert(1)</script>)'],
    ['[a](file:///etc/passwd)'],
    ['[a](//example.com)'],
    ['[a](#/team/other)'],
    ['[a](https://github.com@example.com)'],
    ['[a](https://github.com\\@example.com)'],
    ['<vbscript:x>'],
    ['<img src=x onerror=alert(1)>'],
    ['<script>alert(1)</script>'],
    ['<a href="https://example.com">a</a>'],
  ])('%s stays text', (text) => {
    const tree = markdownTree(text) ?? [];
    expect(linksOf(tree)).toEqual([]);
    expect(textOf(tree).length).toBeGreaterThanOrEqual(text.length - '&#06;'.length);
  });

  test('a link to a web page has its address, with letters that look alike written out', () => {
    expect(
      linksOf(markdownTree('[a](https://ex\u0430mple.com/x) <http://b.example:81>') ?? []),
    ).toEqual(['https://xn--exmple-4nf.com/x', 'http://b.example:81']);
  });

  test('an image is written out', () => {
    expect(textOf(markdownTree('![a](https://example.com/pixel.png)') ?? [])).toBe(
      '![a](https://example.com/pixel.png)',
    );
  });

  test.each([
    ['deep quotes', '>'.repeat(50_000)],
    ['deep lists', '- '.repeat(30_000)],
    ['a wide table', `${'|a'.repeat(5000)}|\n${'|-'.repeat(5000)}|\n${'|b|\n'.repeat(5000)}`],
    [
      'rows that are filled up',
      `${'|a'.repeat(200)}|\n${'|-'.repeat(200)}|\n${'b\n'.repeat(30_000)}`,
    ],
    ['emphasis', '*a _b '.repeat(10_000)],
    ['brackets', '['.repeat(60_000)],
    ['a long text', 'x'.repeat(70_000)],
  ])('%s gives a small tree, or none', (_, text) => {
    const tree = markdownTree(text);
    expect(JSON.stringify(tree ?? []).length).toBeLessThan(1_000_000);
  });

  test('a text with too many tokens is not read to its end, however small its tree would be', () => {
    expect(markdownTree('\\!'.repeat(15_000))).toEqual([
      { tag: 'p', children: ['!'.repeat(15_000)] },
    ]);
    expect(markdownTree('\\!'.repeat(25_000))).toBeUndefined();
  });

  test('every text gives elements of the list, and only links to web pages', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'[]()<>:/#|-*_`!&;ajvs\n \\"') }),
        (text) => {
          for (const link of linksOf(markdownTree(text) ?? []))
            expect(link).toMatch(/^https?:\/\//);
        },
      ),
    );
  });
});
