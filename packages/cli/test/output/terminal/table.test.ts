import { expect, test } from '@jest/globals';
import { table } from '../../../src/output/terminal/table.ts';

test('columns are as wide as their widest cell', () => {
  const lines = table(
    [{ title: 'NAME' }, { title: 'COST', align: 'right' }, { title: 'AGE' }],
    [
      ['q3-report', '$3.80', '2h'],
      ['研究', '$11.02', ''],
    ],
  );
  expect(lines.join('\n')).toBe(
    ['NAME          COST   AGE', 'q3-report    $3.80   2h', '研究        $11.02'].join('\n'),
  );
});
