/** Name → program, installed from npm where it is not yet. @throws Error where it cannot be, or there is none for this system. */
export function testRuntimes(): ReadonlyMap<'Node 24' | 'Bun' | 'Deno', string>;
