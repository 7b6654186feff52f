// What the suite's sources need of an environment: they begin at _start and end with the exit call of specs/riscv.md,
// code 0 when every case holds, else the number of the first that does not.

#define RVTEST_RV32U
#define TESTNUM gp

#define RVTEST_CODE_BEGIN .section .text.start; .globl _start; _start:
#define RVTEST_CODE_END ebreak
#define RVTEST_PASS li a0, 0; li a7, 93; ecall
#define RVTEST_FAIL mv a0, TESTNUM; li a7, 93; ecall

#define EXTRA_DATA
#define RVTEST_DATA_BEGIN
#define RVTEST_DATA_END
