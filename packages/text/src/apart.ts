/*
 * What a service makes a link, a mention or a reference of is taken apart by a space, or gets other
 * brackets: a person reads the same, and no program acts on it. The services look for these in the
 * text as it was written or as it was rendered, so an escape of Markdown does not keep them off.
 */

type Rule = readonly [what: RegExp, instead: string];

/**
 * Addresses that are made links: `https://host`, `//host`, `www.host`, `name@host.tld`
 * (https://github.github.com/gfm/#autolinks-extension-).
 */
const LINKS: readonly Rule[] = [
  [/\/(?=\/+[^\s/])/g, '/ '],
  [/(?<![\p{L}\p{N}_])www(?=\.)/giu, '$& '],
  [/(?<=[\p{L}\p{N}_.+-])@(?=[\p{L}\p{N}_-]+\.)/gu, '@ '],
];

/**
 * Mentions, references, words that close an issue or start nothing, of
 * GitHub (https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls),
 * GitLab (https://docs.gitlab.com/user/markdown/#gitlab-specific-references and
 * https://docs.gitlab.com/user/project/issues/managing_issues/#closing-issues-automatically), and
 * of the Jira behind them (https://support.atlassian.com/jira-software-cloud/docs/process-issues-with-smart-commits/).
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
  [/\[\s*((?:skip|no)[ _-]+[\w -]{1,30}|[\w -]{1,30}[ _-]+skip)\s*\]/gi, '($1)'],
  [/\*{3}\s*NO_CI\s*\*{3}/gi, '(NO_CI)'],
];

/** Takes addresses apart. */
export function linksApart(text: string): string {
  return applied(LINKS, text);
}

/** Takes addresses, mentions and references apart. */
export function referencesApart(text: string): string {
  return applied(REFERENCES, linksApart(text));
}

function applied(rules: readonly Rule[], text: string): string {
  return rules.reduce((done, [what, instead]) => done.replace(what, instead), text);
}
