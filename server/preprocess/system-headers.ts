// Headers that are the system's, Python's or a well-known library's: `#include <…>` of one of them never means a
// file of the project, even where that has one of the same name.

/** ISO C, POSIX, glibc and BSD. */
const C_LIBRARY = `aio aliases alloca ar argp argz assert byteswap complex cpio crypt ctype dirent dlfcn elf endian
envz err errno error execinfo fcntl features fenv float fmtmsg fnmatch fstab fts ftw getopt glob grp iconv ifaddrs
inttypes iso646 kvm langinfo lastlog libgen libintl libutil limits link locale login_cap malloc math mcheck mem memory
mntent monetary mqueue ndbm netdb nl_types nlist obstack param paths poll printf procfs pthread pty pwd regex regexp
resolv sched search semaphore setjmp sgtty shadow signal spawn stab stdalign stdarg stdatomic stdbool stdckdint stddef
stdint stdio stdio_ext stdlib stdnoreturn string strings stropts syscall sysexits syslog tar termio termios tgmath
thread threads time tzfile uchar ucontext ulimit unistd util utime utmp utmpx uuid values varargs wait wchar wctype
wordexp`;

const WINDOWS = `accctrl aclapi atlbase atlcom bcrypt cfgmgr32 comdef commctrl commdlg conio crtdbg dbghelp dbt direct
dos eh fileapi intrin io iphlpapi lm lmaccess mbstring memoryapi minwindef mmsystem mswsock netioapi new ntsecapi
ntstatus objbase objidl oaidl ocidl ole2 oleauto olectl pdh powrprof process processthreadsapi profileapi propidl
propsys psapi ras rpc rpcdce safeint sddl security setupapi shellapi shlobj shlguid shlwapi share sspi strsafe
synchapi tchar tlhelp32 unknwn urlmon userenv versionhelpers winbase wincrypt windef windows windowsx winerror winhttp
wininet winioctl winnt winreg winsock winsock2 winspool winsvc wintrust winuser winver ws2tcpip wtsapi32 wtypes`;

const COMPILERS = `altivec ammintrin arm_acle arm_neon arm_sve avxintrin cpuid cuda cuda_runtime emmintrin immintrin
mm_malloc mmintrin nmmintrin omp pmmintrin smmintrin tmmintrin wmmintrin x86intrin xmmintrin availability
targetconditionals`;

const PYTHON = `python abstract bltinmodule boolobject bytearrayobject bytesobject ceval cellobject classobject code
codecs compile complexobject cstringio datetime descrobject dictobject dynamic_annotations enumobject errcode eval
exports fileobject fileutils floatobject frameobject funcobject genericaliasobject genobject graminit import intobject
intrcheck iterobject listobject lock longintrepr longobject marshal memoryobject methodobject modsupport moduleobject
monitoring node object objimpl opcode osdefs osmodule parser_interface patchlevel picklebufobject py_curses pyatomic
pybuffer pycapsule pyconfig pydtrace pyerrors pyexpat pyfpe pyframe pyhash pylifecycle pymacconfig pymacro pymath
pymem pyport pystate pystats pystrcmp pystrtod pythonrun pythread pytypedefs rangeobject refcount setobject
sliceobject stringobject structmember structseq symtable sysmodule timefuncs token traceback tracemalloc tupleobject
typeslots ucnhash unicodeobject warnings weakrefobject`;

/** Those that the knowledge table knows, and what programs are mostly linked with besides. */
const LIBRARIES = `bzlib curl curses expat fftw3 glib jemalloc jpeglib lber ldap libiberty lzma mimalloc mkl ncurses
panel png readline sqlite3 sqlite3ext term tcl tk tiff yaml zconf zlib zstd zstd_errors zdict`;

const NAMES: ReadonlySet<string> = new Set(
  [C_LIBRARY, WINDOWS, COMPILERS, PYTHON, LIBRARIES].flatMap((names) => names.split(/\s+/)),
);

const FOLDERS: ReadonlySet<string> = new Set(
  `arpa asm asm-generic bits boost carbon corefoundation coreservices cpython cuda curl editline gio glib gl gnu gobject
internal iokit jemalloc libproc libxml linux mach machine mimalloc ncurses ncursesw net netinet netinet6 numpy openssl
protocols pybind11 readline rpc rpcsvc security scsi sound sys systemconfiguration unicode valgrind x11`.split(
    /\s+/,
  ),
);

/** `name`: as written between the brackets. */
export function isSystemHeader(name: string): boolean {
  const path = name.replaceAll('\\', '/').toLowerCase();
  const [, stem] = /^([^/]+)\.h$/.exec(path) ?? [];
  if (stem !== undefined) return NAMES.has(stem);
  // Headers of C++ have no suffix.
  if (!/\.\w+$/.test(path)) return true;
  const [folder, ...rest] = path.split('/');
  return rest.length > 0 && FOLDERS.has(folder!);
}
