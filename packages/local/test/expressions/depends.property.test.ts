import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Depends, holds, parseDepends, tasksIn } from '../../src/expressions/depends.ts';

const PHASES = ['Succeeded', 'Failed', 'Error', 'Skipped', 'Omitted'] as const;
const ENDS = ['Succeeded', 'Failed', 'Errored', 'Skipped', 'Omitted'] as const;

const name = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,8}$/);

/** A condition as text, and the expected evaluation as a function. */
interface Written {
  readonly text: string;
  readonly says: (phases: ReadonlyMap<string, string>) => boolean;
  readonly tasks: readonly string[];
}

const leaf: fc.Arbitrary<Written> = fc
  .tuple(name, fc.option(fc.constantFrom(...ENDS)))
  .map(([task, end]) => ({
    text: end === null ? task : `${task}.${end}`,
    says: (phases) => {
      const phase = phases.get(task) ?? '';
      const ended = phase === 'Error' ? 'Errored' : phase;
      return end === null ? ended === 'Succeeded' || ended === 'Skipped' : ended === end;
    },
    tasks: [task],
  }));

const blank = fc.constantFrom('', ' ', '  ', '\n');

const { condition } = fc.letrec<{ condition: Written }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc.tuple(tie('condition'), blank).map(([inner, space]) => ({
      ...inner,
      text: `!${space}(${inner.text})`,
      says: (phases: ReadonlyMap<string, string>) => !inner.says(phases),
    })),
    fc
      .tuple(tie('condition'), tie('condition'), fc.constantFrom('&&', '||'), blank)
      .map(([left, right, operator, space]) => ({
        text: `(${left.text})${space}${operator}${space}(${right.text})`,
        says: (phases: ReadonlyMap<string, string>) =>
          operator === '&&'
            ? left.says(phases) && right.says(phases)
            : left.says(phases) || right.says(phases),
        tasks: [...left.tasks, ...right.tasks],
      })),
  ),
}));

/** A condition without parentheses, to test the precedence of operators. */
const flat = fc
  .tuple(leaf, fc.array(fc.tuple(fc.constantFrom('&&', '||'), leaf), { maxLength: 6 }))
  .map(([first, rest]): Written => {
    const all = [first, ...rest.map(([, part]) => part)];
    return {
      text: rest.reduce(
        (text, [operator, { text: part }]) => `${text} ${operator} ${part}`,
        first.text,
      ),
      says: (phases) => {
        const groups: boolean[][] = [[first.says(phases)]];
        for (const [operator, part] of rest) {
          if (operator === '||') groups.push([]);
          groups.at(-1)?.push(part.says(phases));
        }
        return groups.some((group) => group.every(Boolean));
      },
      tasks: all.flatMap(({ tasks }) => tasks),
    };
  });

const ends = fc.infiniteStream(fc.constantFrom(...PHASES));

function phasesOf(tasks: readonly string[], stream: Iterable<string>): ReadonlyMap<string, string> {
  const phases = stream[Symbol.iterator]();
  return new Map([...new Set(tasks)].map((task) => [task, phases.next().value as string]));
}

test.each([
  ['in parentheses', condition],
  ['by precedence', flat],
])('a condition is evaluated as written, grouped %s', (_, conditions) => {
  fc.assert(
    fc.property(conditions, ends, ({ text, says, tasks }, stream) => {
      const phases = phasesOf(tasks, stream);
      const parsed: Depends = parseDepends(text);
      expect(new Set(tasksIn(parsed))).toEqual(new Set(tasks));
      expect(holds(parsed, (task) => phases.get(task) ?? '')).toBe(says(phases));
    }),
    { numRuns: 500 },
  );
});

test('any text is parsed or refused with a SyntaxError', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab.&|!() SucedF-') }), (text) => {
      try {
        tasksIn(parseDepends(text));
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
      }
    }),
    { numRuns: 2000 },
  );
});

describe('an invalid condition is refused with the unexpected token', () => {
  test.each([
    ['a &&', 'end of text'],
    ['a b', 'unexpected b'],
    ['(a', 'end of text'],
    ['a.Fine', 'Fine is not a task result'],
    ['a & b', 'cannot read "& b"'],
    ['', 'end of text'],
  ])('%s', (text, message) => {
    expect(() => parseDepends(text)).toThrow(message);
  });
});
