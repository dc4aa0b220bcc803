/*
 * Services turn parts of a text into links, mentions and references. A space or another kind of bracket
 * breaks these up: a person reads the same, and no program acts on it. Services search both the source and
 * the rendered text, so escaping in Markdown would not be enough.
 */

/*
 * The texts can be long, and somebody may have chosen them to make this slow. No pattern may therefore begin at
 * many places of a run of characters, or divide such a run in several ways.
 */

type Rule = readonly [pattern: RegExp, replacement: string | ((found: string) => string)];

/**
 * Texts that become links: `https://host`, `//host`, `www.host`, `name@host.tld`
 * (https://github.github.com/gfm/#autolinks-extension-).
 */
const LINKS: readonly Rule[] = [
  [/(?<!\/)\/{2,}(?=[^\s/])/g, (slashes) => [...slashes].join(' ')],
  // Services that know only ASCII letters also find it after any other letter.
  [/\bwww(?=\.)/gi, '$& '],
  [/(?<=[\p{L}\p{N}_.+-])@(?=[\p{L}\p{N}_-]+\.)/gu, '@ '],
];

/**
 * Mentions, references, and words that close issues or skip builds, of
 * GitHub (https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls),
 * GitLab (https://docs.gitlab.com/user/markdown/#gitlab-specific-references and
 * https://docs.gitlab.com/user/project/issues/managing_issues/#closing-issues-automatically), and
 * Jira when it is connected to them (https://support.atlassian.com/jira-software-cloud/docs/process-issues-with-smart-commits/).
 */
const REFERENCES: readonly Rule[] = [
  // @name, name@commit, @types/node
  [/@(?=[\p{L}\p{N}_])/gu, '@ '],
  // #1, owner/repository#1, AB#1, #close
  [/#(?=[\p{L}\p{N}_])/gu, '# '],
  // GitLab's merge requests and epics
  [/([!&])(?=\d)/g, '$1 '],
  [/\bGH-(?=\d)/gi, '$& '],
  // GitLab: [issue:1], [vulnerability:1]
  [/\[[a-z_]+:(?=[\p{L}\p{N}_"/])/giu, '$& '],
  // Closes ABC-1
  [
    /\b((?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?):?\s+(?:issues?\s+)?[A-Z][A-Z0-9_]*-)(?=\d)/gi,
    '$1 ',
  ],
  // [skip ci], [ci skip], [no ci], [skip netlify]
  [/\[[^[\]]*\]/g, withoutSkip],
  [/\*{3}\s*NO_CI\s*\*{3}/gi, '(NO_CI)'],
];

/** Longest text in brackets that can be a command to skip a build. */
const LONGEST_SKIP = 48;

/** Puts `[skip ci]`, `[no ci]` and `[ci skip]` into another kind of brackets. */
function withoutSkip(bracketed: string): string {
  const inner = bracketed.slice(1, -1).trim();
  const words = inner.toLowerCase().split(/[\s_-]+/);
  const isSkip =
    words.length > 1 &&
    words.join(' ').length <= LONGEST_SKIP &&
    words.every((word) => /^\w*$/.test(word)) &&
    (words[0] === 'skip' || words[0] === 'no' || words.at(-1) === 'skip');
  return isSkip ? `(${inner})` : bracketed;
}

/** Breaks up links. */
export function breakLinks(text: string): string {
  // Every link has one of these.
  return /[/.@]/.test(text) ? applied(LINKS, text) : text;
}

/** Breaks up links, mentions and references. */
export function breakReferences(text: string): string {
  return applied(REFERENCES, breakLinks(text));
}

function applied(rules: readonly Rule[], text: string): string {
  return rules.reduce(
    (done, [pattern, replacement]) =>
      // Two calls, because the types of `replace` do not allow either in one.
      typeof replacement === 'string'
        ? done.replace(pattern, replacement)
        : done.replace(pattern, replacement),
    text,
  );
}
