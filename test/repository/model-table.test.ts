/** The README's table of types, classes and pipelines is what the package exports. */
import { expect, test } from 'vitest';
import * as api from '../../src/index.ts';
import { classesOf } from '../../src/doctor/model-tasks.ts';
import { TASKS } from '../../src/pipelines/registry.ts';
import { CONFIG_CLASSES } from '../../src/speech/families/family-list.ts';
import { textOf } from '../helpers/repository-files.ts';

const families = CONFIG_CLASSES.map((configClass) => ({
  family: configClass.family,
  classes: classesOf(configClass),
}));

/** Every end of a class name, with its pipeline; in the order of the type that has most. */
const columns = [
  ...new Map(
    [...families]
      .sort((a, b) => b.classes.length - a.classes.length)
      .flatMap(({ family, classes }) =>
        classes.map(
          ({ className, task }) => [className.slice(family.className.length), task.pipeline] as const,
        ),
      ),
  ),
];

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** Cells without the spaces that align them. */
const rowsOf = (markdown: string): readonly string[] =>
  markdown
    .split('\n')
    .filter((text) => text.startsWith('|') && !text.startsWith('| -'))
    .map((text) =>
      line(
        text
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
    );

test('the table has a row for each type, a column for each class, and a tick where there is one', () => {
  const [, section = ''] = /\n### Models\n(.*?)\n###? /s.exec(textOf('README.md')) ?? [];
  expect(rowsOf(section)).toEqual([
    line(['`model_type`', ...columns.map(([ending]) => `\`…${ending}\``)]),
    line(['pipeline', ...columns.map(([, pipeline]) => (pipeline === undefined ? '–' : `\`${pipeline}\``))]),
    ...families.map(({ family, classes }) =>
      line([
        `\`${family.model_type}\``,
        ...columns.map(([ending]) =>
          classes.some(({ className }) => className === family.className + ending) ? '✓' : '',
        ),
      ]),
    ),
  ]);
});

test('every class and pipeline of the table is exported, and every exported class of a model is in it', () => {
  const named = families.flatMap(({ classes }) => classes.map(({ className }) => className));
  const exported = Object.keys(api).filter(
    (name) => /(For\w+|Model)$/.test(name) && !name.startsWith('Auto') && !name.endsWith('PreTrainedModel'),
  );
  expect([...named].sort()).toEqual([...exported].sort());
  for (const [, pipeline] of columns)
    if (pipeline !== undefined) expect(Object.keys(TASKS)).toContain(pipeline);
});
