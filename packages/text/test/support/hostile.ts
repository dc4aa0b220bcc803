import fc from 'fast-check';

/** Texts that services act on, from their published grammars. */
export const PIECES = {
  // https://docs.github.com/en/get-started/writing-on-github
  github: [
    ...['@octocat', '@acme/security', '.@octocat', '(@octocat)', '#1', 'GH-1', 'gh-26'],
    ...['acme/backend#1', 'octocat@deadbeefcafe', 'Fixes #1', 'closes: #2', 'RESOLVES GH-3'],
    ...['https://evil.example.com/a?b=c', 'www.evil.example.com', '//evil.example.com/x'],
    ...['HTTPS://EVIL.EXAMPLE.COM', 'ftp://evil.example.com', 'mallory@evil.example.com'],
    ...['[text](https://evil.example.com)', '[text](//evil.example.com)', '[text](/\\evil)'],
    ...['![pixel](https://evil.example.com/p.png)', '[ref]', '[ref]: https://evil.example.com'],
    ...['<https://evil.example.com>', '<img src=//evil.example.com/x>', '<b>', '</details>'],
    ...['<!-- hidden', '-->', '<details><summary>x</summary>', '[^1]', '[^1]: note'],
    ...[
      '## Checks passed',
      '# h',
      'Checks passed\n===',
      'Checks\n---',
      '- [x] done',
      '| a |\n|---|',
    ],
    ...['```', '````', '~~~', '`', '$x$', '$$\nx\n$$', '> [!NOTE]', '***', '&#64;octocat', '\\@x'],
  ],
  // https://docs.gitlab.com/user/markdown/ and https://docs.gitlab.com/user/project/quick_actions/
  gitlab: [
    ...['/merge', '/MERGE', ' /Approve', '/assign @all', '> /merge', '- /close', '```\n/merge'],
    ...['@all', '!1', 'acme/backend!1', '&1', '%1', '~bug', '~"a b"', '$1', '[vulnerability:1]'],
    ...['[issue:1]', 'Closes ABC-1', 'Implements issues #1, ABC-2', '::include{file=/etc/passwd}'],
    ...['```mermaid', '```math', '$`x`$', '---\ntitle: x\n---', '[[_TOC_]]', '>>>', ':::', '{+a+}'],
  ],
  // https://git-scm.com/docs/git-interpret-trailers, git-am, git-commit and of hosted builds
  commit: [
    ...['Signed-off-by: A <a@b.example>', 'Co-authored-by: A <a@b.example>', 'reviewed-by : x'],
    ...['Change-Id: I1', 'Agent-Team: other/team', 'Agent: team-lead', 'Cc: stable@example.com'],
    ...['Fixes: deadbeef ("x")', 'skip-checks: true', 'Release-As: 9.0.0', 'Note: x', ' folded'],
    ...['[skip ci]', '[CI SKIP]', '[no ci]', '[skip netlify]', '***NO_CI***', 'ABC-1 #close'],
    ...['# comment', '# ------------------------ >8 ------------------------', '---', '--- a/x'],
    ...[
      'diff --git a/x b/x',
      'Index: x',
      'From deadbeef Mon Sep 17 00:00:00 2001',
      'From: x <x@y>',
    ],
    ...['(cherry picked from commit deadbeef)', 'Conflicts:', 'fixup! x', '=======', '-'],
  ],
  // https://docs.slack.dev/messaging/formatting-message-text
  slack: [
    '<!channel>',
    '<!here|x>',
    '<@U123>',
    '<#C123>',
    '<https://evil|Approve>',
    '*b*',
    '@here',
  ],
  // RFC 5322, RFC 2047
  mail: ['\r\nBcc: eve@example.com', '\r\n.\r\n', '=?utf-8?q?=41?=', '\r\n\r\n', 'From x'],
  // https://argo-workflows.readthedocs.io/en/latest/variables/
  argo: ['{{workflow.name}}', '{{=1+1}}', '{{{', '}}', '$(HOME)'],
  // https://trojansource.codes and ECMA-48
  characters: [
    ...[
      '\u202e',
      '\u2066',
      '\u2069',
      '\u200b',
      '\u200d',
      '\ufeff',
      '\u00ad',
      '\u{e0041}',
      '\ufe0f',
    ],
    ...[
      '\u0000',
      '\b',
      '\r',
      '\u0085',
      '\u009b31m',
      '\u001b[31m',
      '\u001b]0;t\u0007',
      '\u001b]8;;',
    ],
    ...['\ud800', '\udc00', '\u2028', '\v', '\f', '\u3164', '\u{1f468}\u200d\u{1f469}', '\u115f'],
  ],
} as const;

const GLUE = ['', '', ' ', '\n', '\n\n', '\n    ', '\t', '\r\n', 'word', 'x', '.', ','];

/** A text composed of pieces that some service acts on. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...Object.values(PIECES).flat()) },
      { weight: 4, arbitrary: fc.constantFrom(...GLUE) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(''));

/** Characters that are invisible, or that change how others are shown. */
export const UNSEEN =
  /(?![\t\n])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u200b\u2060\ufeff\u00ad\u{e0000}-\u{e0fff}]/u;
