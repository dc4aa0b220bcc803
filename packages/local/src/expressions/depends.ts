/** The parsed `depends` of a DAG task: `a.Succeeded && (b.Failed || !c.Omitted)`. */
export type Depends =
  | { readonly kind: 'task'; readonly task: string; readonly results: readonly string[] }
  | { readonly kind: 'not'; readonly operand: Depends }
  | { readonly kind: 'and' | 'or'; readonly left: Depends; readonly right: Depends };

const RESULTS = ['Succeeded', 'Failed', 'Errored', 'Skipped', 'Omitted', 'Daemoned'];
/** What Argo accepts where a task is named without a result. */
const DEFAULT_RESULTS = ['Succeeded', 'Skipped', 'Daemoned'];
const TOKEN = /\s*(&&|\|\||!|\(|\)|[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z]+)?)/y;

/** @throws SyntaxError that names the first token that is not expected. */
export function parseDepends(text: string): Depends {
  const tokens = tokenize(text);
  let next = 0;
  const fail = (): never => {
    throw new SyntaxError(`depends "${text}": unexpected ${tokens[next] ?? 'end of text'}`);
  };
  const or = (): Depends => {
    let left = and();
    while (tokens[next] === '||') {
      next += 1;
      left = { kind: 'or', left, right: and() };
    }
    return left;
  };
  const and = (): Depends => {
    let left = operand();
    while (tokens[next] === '&&') {
      next += 1;
      left = { kind: 'and', left, right: operand() };
    }
    return left;
  };
  const operand = (): Depends => {
    const token = tokens[next] ?? fail();
    next += 1;
    if (token === '!') return { kind: 'not', operand: operand() };
    if (token === '(') {
      const inner = or();
      if (tokens[next] !== ')') fail();
      next += 1;
      return inner;
    }
    if (!/^[A-Za-z0-9]/.test(token)) {
      next -= 1;
      fail();
    }
    const [task = '', result] = token.split('.');
    if (result !== undefined && !RESULTS.includes(result)) {
      throw new SyntaxError(`depends "${text}": ${result} is not a task result`);
    }
    return { kind: 'task', task, results: result === undefined ? DEFAULT_RESULTS : [result] };
  };
  const parsed = or();
  if (next < tokens.length) fail();
  return parsed;
}

function tokenize(text: string): readonly string[] {
  const tokens: string[] = [];
  let at = 0;
  while (text.slice(at).trim() !== '') {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match?.[1] === undefined) {
      throw new SyntaxError(`depends "${text}": cannot read "${text.slice(at).trim()}"`);
    }
    tokens.push(match[1]);
    at = TOKEN.lastIndex;
  }
  return tokens;
}

/** Names of all tasks in it. Argo evaluates `depends` once all of them have ended. */
export function tasksIn(depends: Depends): readonly string[] {
  switch (depends.kind) {
    case 'task':
      return [depends.task];
    case 'not':
      return tasksIn(depends.operand);
    default:
      return [...new Set([...tasksIn(depends.left), ...tasksIn(depends.right)])];
  }
}

/** @param phaseOf the final phase of a task's node; `Error` there is the result `Errored` here. */
export function holds(depends: Depends, phaseOf: (task: string) => string): boolean {
  switch (depends.kind) {
    case 'task': {
      const phase = phaseOf(depends.task);
      return depends.results.includes(phase === 'Error' ? 'Errored' : phase);
    }
    case 'not':
      return !holds(depends.operand, phaseOf);
    case 'and':
      return holds(depends.left, phaseOf) && holds(depends.right, phaseOf);
    case 'or':
      return holds(depends.left, phaseOf) || holds(depends.right, phaseOf);
  }
}
