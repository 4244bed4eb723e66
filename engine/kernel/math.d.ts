/**
 * Elementary functions with the same bits everywhere. ECMAScript leaves Math.exp, log, sin and pow to the implementation (`**` differs
 * in the last bit between Node 22 and 24), and one bit can swap two events; here only + - * / sqrt and the bits of a double are used,
 * all of which the language defines exactly.
 *
 * Algorithms and constants are those of fdlibm (Sun Microsystems, 1993: "Permission to use, copy, modify, and distribute this software
 * is freely granted, provided that this notice is preserved") in the form FreeBSD keeps in lib/msun/src; each function names its file.
 * Error bounds are in ulp of the result: fdlibm's own, and test/kernel/math.test.ts checks them against references worked out in
 * exact integer arithmetic. Special values are those of the Math function of the same meaning.
 */
/** e^x, error below 1 ulp. Infinity above 709.78, 0 below -745.13, NaN for NaN. Source: e_exp.c. */
export declare function exp(x: number): number;
/** e^x - 1 without cancellation near 0, error below 1 ulp; -0 stays -0. Source: s_expm1.c. */
export declare function expm1(x: number): number;
/** Natural logarithm, error below 1 ulp. log(0) is -Infinity, negative gives NaN. Source: e_log.c with the core of k_log.h. */
export declare function log(x: number): number;
/** Logarithm to base 2, error below 1 ulp, exact for powers of two. Specials as `log`. Source: e_log2.c. */
export declare function log2(x: number): number;
/** Logarithm to base 10, error below 1 ulp, exact for powers of ten that a double holds. Specials as `log`. Source: e_log10.c. */
export declare function log10(x: number): number;
/** log(1 + x) without cancellation near 0, error below 1 ulp; -0 stays -0, -1 gives -Infinity, below NaN. Source: s_log1p.c. */
export declare function log1p(x: number): number;
/**
 * x^y, error below 1 ulp; exact when x and y are integers and the result fits a double. Specials as Math.pow: anything to the 0 is 1, a
 * negative x needs an integer y (NaN otherwise), (+-1)^(+-Infinity) is NaN. Source: e_pow.c.
 */
export declare function power(x: number, y: number): number;
/**
 * x^n for integer n: repeated squaring for 0 <= n <= 64, within n/2 ulp and exact whenever every partial product is (10^0 .. 10^22);
 * `power` for any other n.
 */
export declare function powerInt(x: number, n: number): number;
/** Sine of x radians, error below 1 ulp for every finite x; -0 stays -0, Infinity and NaN give NaN. Source: s_sin.c. */
export declare function sin(x: number): number;
/** Cosine of x radians, error below 1 ulp for every finite x; Infinity and NaN give NaN. Source: s_cos.c. */
export declare function cos(x: number): number;
/**
 * The z with P(Z <= z) = fraction for a standard normal Z; 0 gives -Infinity, 1 Infinity, outside 0..1 NaN. Relative error about 1e-16.
 * Source: Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied Statistics 37 (1988), PPND16.
 */
export declare function normalQuantile(fraction: number): number;
