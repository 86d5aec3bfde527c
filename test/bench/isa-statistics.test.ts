/** Reading what the AMD driver prints of a shader. */
import { expect, test } from 'vitest';
import { multiplyAddShare, parseShader } from '../../bench/isa/statistics.ts';

const STATISTICS = `
*** SHADER STATS ***
VGPRs: 36
Spilled VGPRs: 2
LDS size: 1024
Subgroups per SIMD: 24
Instructions: 12
Inverse Throughput: 186
********************
`;

/** An outer loop BB1..BB3 around an inner one of BB2 alone, and a listing of another form before the machine code. */
const LISTING = `
BB0:
  v_fma_f32 v0, v1, v2, v0
disasm:
BB0:
	s_load_b128 s[0:3], s[2:3], 0x20                            ; f4080001
	v_mov_b32_e32 v8, v4                                        ; 7e100304
BB1:
	buffer_load_b128 v[8:11], v0, s[0:3], 0 offen               ; e0740000
	s_waitcnt vmcnt(0)                                          ; bf89fc07
BB2:
	v_dual_fmac_f32 v0, v1, v2 :: v_dual_fmac_f32 v3, v4, v5    ; c8000302
	v_fmac_f32_e32 v6, v7, v8                                   ; 560c1107
	ds_load_b128 v[12:15], v9                                   ; dbfc0000
	s_cbranch_scc1 BB2                                          ; bfa2fffc
BB3:
	v_add_f32_e32 v0, v1, v2                                    ; 06000501
	s_cbranch_scc1 BB1                                          ; bfa2fff0
BB4:
	s_endpgm                                                    ; bfb00000
`;

test('counts the loop with the largest share of multiply-adds in the machine code', () => {
  const { hottestLoop, whole, ...rest } = parseShader(LISTING + STATISTICS);
  expect(hottestLoop).toEqual({
    multiplyAdds: 3,
    instructions: 4,
    vector: 2,
    scalar: 1,
    workgroupMemory: 1,
    memory: 0,
  });
  expect(hottestLoop && multiplyAddShare(hottestLoop)).toBe(0.75);
  expect(whole).toMatchObject({ multiplyAdds: 3, instructions: 11, memory: 2 });
  expect(rest).toEqual({
    vgprs: 36,
    spilledVgprs: 2,
    ldsByteLength: 1024,
    wavesPerSimd: 24,
    instructions: 12,
    inverseThroughput: 186,
  });
});

test('straight code has no loop', () => {
  const { hottestLoop, whole } = parseShader(
    `disasm:\nBB0:\n\tv_fma_f32 v0, v1, v2, v0 ; 00\n\ts_endpgm ; 00\n${STATISTICS}`,
  );
  expect(hottestLoop).toBeUndefined();
  expect(whole).toMatchObject({ multiplyAdds: 1, instructions: 2 });
});

test('output without statistics is an error, not a row of zeros', () => {
  expect(() => parseShader('disasm:\nBB0:\n')).toThrow('the driver printed no "VGPRs"');
});
