import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cleanCommitMessage, commitMessageOf } from '../src/index.ts';
import { hostileText, PIECES, UNSEEN } from './support/hostile.ts';

const TRAILERS = ['Agent-Team: dev/auth', 'Agent: api'];
const directory = mkdtempSync(join(tmpdir(), 'agentteam-text-'));

/** Runs the real git on a message. */
function git(args: readonly string[], input: string): string {
  const env = { PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', HOME: directory };
  return execFileSync('git', args, { input, encoding: 'utf8', cwd: directory, env });
}

const trailersOf = (message: string) => git(['interpret-trailers', '--parse'], message);

/** Patterns that services act on in a commit message. */
const ACTED_ON = [
  /(?<![\w`])@\w/,
  /#\w/,
  /\bGH-\d/i,
  /\/\/[^\s/]/,
  /[!&]\d/,
  /^\s*\/[a-z]/im,
  /^\s*#/m,
  /\[(?:skip ci|ci skip|no ci|skip netlify)\]|\*\*\*NO_CI/i,
  /^(?:signed-off-by|co-authored-by|reviewed-by|change-id|skip-checks|release-as)\s*:/im,
  // In a subject these are topics, not trailers.
  /(?<=\S\s*\n)(?:cc|bcc|from|fixes)\s*:/i,
  /^---/m,
  /\bcloses ABC-\d/i,
];

function expectInert(message: string): void {
  expect(trailersOf(message)).toBe(`${TRAILERS.join('\n')}\n`);
  expect(message).not.toMatch(UNSEEN);
  for (const pattern of ACTED_ON) expect(message).not.toMatch(pattern);
  // No line is a comment, and no line ends the message when it is sent by mail.
  expect(git(['stripspace', '--strip-comments'], message)).toBe(git(['stripspace'], message));
  const mail = `From: A <a@b.example>\nSubject: subject\n\n.\n${message}`;
  git(['mailinfo', 'msg', 'patch'], mail);
  expect(readFileSync(join(directory, 'patch'), 'utf8')).toBe('');
}

describe('a commit message', () => {
  test('that we write has only our trailers and triggers nothing', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (subject, body) => {
        const message = commitMessageOf(`s${subject}`, body, TRAILERS);
        expectInert(message);
        expect(message.split('\n', 1)[0]?.length).toBeLessThanOrEqual(400);
      }),
      { numRuns: 150 },
    );
  });

  test('of an agent is cleaned of triggers, and cleaning is idempotent', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const given = `${text}\n\n${TRAILERS.join('\n')}\n`;
        const clean = cleanCommitMessage(given, TRAILERS);
        if (clean !== given) expectInert(clean);
        expect(cleanCommitMessage(clean, TRAILERS)).toBe(clean);
        const bare = cleanCommitMessage(text, TRAILERS);
        for (const pattern of ACTED_ON) expect(bare).not.toMatch(pattern);
        expect(cleanCommitMessage(bare, TRAILERS)).toBe(bare);
      }),
      { numRuns: 150 },
    );
  });

  test.each([...PIECES.commit, ...PIECES.gitlab, ...PIECES.github])(
    '%j in a body triggers nothing',
    (piece) => {
      const message = cleanCommitMessage(`Subject\n\n${piece}\n`, TRAILERS);
      for (const pattern of ACTED_ON) expect(message).not.toMatch(pattern);
      expect(['', `${TRAILERS.join('\n')}\n`]).toContain(trailersOf(message));
    },
  );

  test.each([
    ['a plain one', 'feat: add the API\n\nIt lists users: all of them, in C# and C++.\n'],
    ['one with its trailers', `Add it\n\n${TRAILERS.join('\n')}\n`],
    ['one without text', 'pre-commit: add a hook\n'],
    [
      'a revert',
      'Revert "Add it"\n\nThis reverts commit 0123456789abcdef0123456789abcdef01234567.\n',
    ],
    ['a list', 'Add it\n\n- one: two\n* three\n1. four (50 % more)\n'],
    ['other languages', 'Größe anpassen\n\n日本語の説明 👨‍👩‍👧\n'],
  ])('that is harmless stays unchanged: %s', (_, message) => {
    expect(cleanCommitMessage(message, TRAILERS)).toBe(message);
  });

  test('starts no mail, even after leading spaces', () => {
    expect(cleanCommitMessage(' From x@octocat', [])).toMatch(/^>From x/);
  });

  test('stays readable', () => {
    const given = [
      'Fix the login [skip ci]',
      '',
      'Fixes #12, as @ada said in https://example.com/x.',
      '## Checks passed',
      '/merge',
      '',
      'Reviewed-by: Ada <ada@example.com>',
      'Agent-Team: dev/auth',
      'Agent: team-lead',
      '',
    ].join('\n');
    expect(cleanCommitMessage(given, TRAILERS)).toBe(
      [
        'Fix the login (skip ci)',
        '',
        'Fixes # 12, as @ ada said in https:/ /example.com/x.',
        '\\## Checks passed',
        '\\/merge',
        '',
        '> Reviewed-by: Ada <ada@ example.com>',
        '> Agent: team-lead',
        '',
        'Agent-Team: dev/auth',
        'Agent: api',
        '',
      ].join('\n'),
    );
  });

  test('that is empty gets a placeholder', () => {
    expect(cleanCommitMessage('\u0000', TRAILERS)).toContain('[U+0000]');
    expect(cleanCommitMessage('\r\n', TRAILERS)).toMatch(/^\(no message\)\n\nAgent-Team/);
  });

  test('is shortened', () => {
    const message = cleanCommitMessage(`s\n\n${'x'.repeat(100_000)}`, TRAILERS);
    expect(message.length).toBeLessThan(21_000);
    expect(Math.max(...message.split('\n').map((line) => line.length))).toBeLessThanOrEqual(1_000);
  });
});
