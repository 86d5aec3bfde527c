/** Times several ways of the same work in rounds, each way once a round, so that what slows the machine down slows all of them. */

export interface TimedWay {
  readonly name: string;
  readonly run: () => unknown;
}

/** Milliseconds of each way in each round, after one run that does not count. Every second round is in the other order. */
export async function timeInRounds(
  ways: readonly TimedWay[],
  rounds: number,
): Promise<readonly (readonly number[])[]> {
  const times = ways.map(() => [] as number[]);
  const turns = ways.map(({ run }, index) => ({ run, index }));
  for (const { run } of turns) await run();
  for (let round = 0; round < rounds; round += 1) {
    for (const { run, index } of round % 2 === 0 ? turns : [...turns].reverse()) {
      const start = performance.now();
      await run();
      times[index]?.push(performance.now() - start);
    }
  }
  return times;
}
