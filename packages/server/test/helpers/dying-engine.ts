/** An engine that dies before it serves anybody. */
process.stderr.write('the driver is broken\n');
process.exit(3);
