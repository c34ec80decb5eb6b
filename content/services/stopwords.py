"""Words that say nothing about a text, however often they occur in it."""

WORDS = """
about above after again against also although always among another anybody because
been before being below between both cannot could does doing done down during each
either else even every everybody everything from further have having here hers himself
however into itself just keep kept know less like made make makes many maybe might
more most much must myself need needs neither never nobody none nothing often once
only other others ours ourselves over perhaps quite rather same shall should since
some somebody something still such than that their theirs them themselves then there
these they thing things this those though through time times together under until upon
used using very want wants well went were what whatever when where whether which while
whom whose will with within without would yours yourself your lesson lessons course
courses article chapter

我们 你们 他们 它们 自己 大家 什么 怎么 怎样 这个 那个 这些 那些 这样
那样 这里 那里 一个 一些 一种 一样 一下 一起 一次 一定 可以 可能 能够
应该 需要 必须 如果 因为 所以 但是 而且 或者 以及 还是 虽然 不过 然后
而是 就是 只是 不是 没有 已经 正在 将要 非常 比较 更加 特别 很多 许多
几个 每个 各种 所有 任何 其他 其中 之后 之前 以后 以前 时候 现在 今天
开始 最后 进行 通过 根据 关于 对于 为了 除了 作为 成为 使用 得到 看到
知道 认为 觉得 问题 方面 东西 事情 地方 部分 内容 课程 课时 文章 学习
本课 第一 第二 第三
"""
STOPWORDS = frozenset(WORDS.split())
