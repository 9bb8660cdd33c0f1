"""Checks of C and C++ by pymem-lint, as actions that Bazel caches and runs wherever it runs others.

    bazel build //src:ext --aspects=//bazel:pymem_lint.bzl%pymem_lint --output_groups=pymem_lint

checks the sources and headers of //src:ext and of what it depends on together, and writes
ext.pymem-lint.json and ext.pymem-lint.sarif. After an edit only the files that it can change are checked
again. See docs/build-systems.md.
"""

PymemLintInfo = provider(
    doc = "The C and C++ files of a target and of what it depends on.",
    fields = {"files": "depset of structs: source, and its index"},
)

_EXTENSIONS = ["c", "cc", "cpp", "cxx", "h", "hh", "hpp", "hxx"]

# Where rules have files of C, and where they depend on targets with such files.
_FILE_ATTRIBUTES = ["srcs", "hdrs", "textual_hdrs"]
_TARGET_ATTRIBUTES = ["deps", "implementation_deps", "data"]

def _attribute(rule, name):
    value = getattr(rule.attr, name, None)
    return value if type(value) == type([]) else []

def _own_files(ctx):
    files = []
    for name in _FILE_ATTRIBUTES:
        files.extend(getattr(ctx.rule.files, name, []))
    return [f for f in files if f.extension in _EXTENSIONS]

def _run(ctx, mnemonic, message, inputs, outputs, arguments, **kwargs):
    config = ctx.files._config
    if len(config) > 0:
        arguments = arguments + ["--config", config[0].path]
    elif mnemonic == "PymemLintMerge":
        arguments = arguments + ["--isolated"]
    ctx.actions.run(
        executable = ctx.executable._pymem_lint,
        mnemonic = mnemonic,
        progress_message = "pymem-lint: %s" % message,
        inputs = inputs + config,
        outputs = outputs,
        arguments = arguments,
        # The program is a script that looks for node.
        use_default_shell_env = True,
        **kwargs
    )

def _index(target, ctx, source):
    index = _declare(target, ctx, source, "idx")
    folders = ["."]
    if CcInfo in target:
        context = target[CcInfo].compilation_context
        folders += context.quote_includes.to_list() + context.includes.to_list()
    include = []
    for folder in folders:
        include += ["-I", folder]
    _run(
        ctx,
        "PymemLintIndex",
        "index %s" % source.path,
        [source],
        [index],
        ["step", "index", source.path, "-o", index.path] + include,
    )
    return struct(source = source, index = index)

def _declare(target, ctx, source, suffix):
    return ctx.actions.declare_file("%s.pymem-lint/%s.%s" % (target.label.name, source.path, suffix))

def _list(ctx, name, lines):
    file = ctx.actions.declare_file(name)
    ctx.actions.write(file, "".join([line + "\n" for line in lines]))
    return file

def _check(target, ctx, files):
    """The plans, reports and results of the files together."""
    name = target.label.name
    indexes = [f.index for f in files]
    plans = [_declare(target, ctx, f.source, "plan") for f in files]
    pairs = ["%s=%s" % (index.path, plan.path) for index, plan in zip(indexes, plans)]
    pair_list = _list(ctx, name + ".pymem-lint/link.list", pairs)
    _run(
        ctx,
        "PymemLintLink",
        "link %s" % target.label,
        indexes + [pair_list],
        plans,
        ["step", "link", "@" + pair_list.path],
    )
    index_list = _list(ctx, name + ".pymem-lint/index.list", [index.path for index in indexes])
    reports = []
    for file, plan in zip(files, plans):
        report = _declare(target, ctx, file.source, "report")
        unused = _declare(target, ctx, file.source, "unused")
        _run(
            ctx,
            "PymemLintCheck",
            "check %s" % file.source.path,
            [plan, index_list] + indexes,
            [report, unused],
            ["step", "check", plan.path, "@" + index_list.path] +
            ["-o", report.path, "--unused-list", unused.path],
            # What the plan does not name is not read.
            unused_inputs_list = unused,
        )
        reports.append(report)
    return _merge(target, ctx, [f.source for f in files], indexes, reports)

def _merge(target, ctx, sources, indexes, reports):
    name = target.label.name
    json = ctx.actions.declare_file(name + ".pymem-lint.json")
    sarif = ctx.actions.declare_file(name + ".pymem-lint.sarif")
    made = [file.path for file in indexes + reports]
    steps = _list(ctx, name + ".pymem-lint/steps.list", made)
    arguments = ["check"] + [source.path for source in sources] + ["--steps", steps.path]
    arguments += ["--quiet", "--exit-zero", "--output-format", "concise"]
    arguments += ["--output", "json=" + json.path, "--output", "sarif=" + sarif.path]
    _run(
        ctx,
        "PymemLintMerge",
        "findings of %s" % target.label,
        sources + indexes + reports + [steps],
        [json, sarif],
        arguments,
    )
    return depset([json, sarif])

def _pymem_lint_impl(target, ctx):
    own = [_index(target, ctx, source) for source in _own_files(ctx)]
    deps = []
    for name in _TARGET_ATTRIBUTES:
        deps += [dep[PymemLintInfo].files for dep in _attribute(ctx.rule, name) if PymemLintInfo in dep]
    files = depset(own, transitive = deps)

    # Two targets may have the same header.
    by_path = {f.source.path: f for f in files.to_list()}
    results = depset()
    if len(by_path) > 0:
        results = _check(target, ctx, [by_path[path] for path in sorted(by_path)])
    return [PymemLintInfo(files = files), OutputGroupInfo(pymem_lint = results)]

pymem_lint = aspect(
    implementation = _pymem_lint_impl,
    doc = "Checks the files of a target, and of what it depends on, together.",
    attr_aspects = _TARGET_ATTRIBUTES,
    attrs = {
        "_pymem_lint": attr.label(
            default = Label("//bazel:pymem_lint"),
            executable = True,
            cfg = "exec",
        ),
        "_config": attr.label(
            default = Label("//bazel:pymem_lint_config"),
            allow_files = True,
        ),
    },
)
