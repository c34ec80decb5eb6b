"""Words of a quarrel, for measuring how heated a talk is: never for judging a post.

Insults count whole, accusations half: they are said in calm talk, too, like the milder
words that people use of things and of themselves. English words also in other forms.
"""

INSULTS = """
idiot, moron, imbecile, dumbass, clown, jerk, loser, asshole, bastard, bitch, scum,
trash, pathetic, shut up, shut your mouth, piss off, fuck, fuck off, fuck you,
bullshit, screw you, go to hell, get lost, drop dead, liar, coward, hypocrite,
brainless, braindead, disgusting, delusional, sick of you, get a life, grow up, wtf,
stfu

脑残, 白痴, 傻逼, 傻子, 蠢货, 蠢猪, 蠢, 弱智, 智障, 废物, 垃圾人, 人渣, 败类, 混蛋,
王八蛋, 滚, 滚蛋, 滚开, 滚出去, 闭嘴, 住口, 去死, 放屁, 屁话, 胡说八道, 胡扯, 扯淡,
有病, 神经病, 脑子有病, 脑子进水, 没脑子, 不要脸, 无耻, 恶心, 骗子, 小人, 伪君子,
妈的, 他妈的, 卧槽, 操, 贱, 贱人, 丢人现眼, 喷子, 杠精, 键盘侠, 水军, 狗屁, 装逼,
嘴贱, 欠骂, 可笑至极, 不可理喻, 无知, 脸皮真厚
"""

ACCUSATIONS = """
you always, you never, you people, you clearly, you obviously, you just want,
your problem, you know nothing, you have no idea, you don't even,
who do you think you are, how dare you, learn to read, can't you read, read it again,
stop lying, stop pretending, stop twisting, i never said that, that's not what i said,
nonsense, ridiculous, ignorant, arrogant, absurd, shame on you, stupid, dumb, fool,
mind your own business, nobody asked you, prove it, typical of you, don't lecture me,
spare me, give me a break, are you serious, are you kidding, laughable, waste of time,
wasting my time, you started it

你总是, 你们总是, 你老是, 你从来, 你从来不, 你们这些人, 你这种人, 你这人, 你凭什么,
凭什么, 你懂什么, 你懂个, 你算老几, 你算什么, 你以为你, 你以为你是谁, 你行你上,
关你什么事, 关你屁事, 轮不到你, 别装了, 装什么, 少来这套, 少来, 别扯, 别狡辩, 狡辩,
强词夺理, 颠倒黑白, 断章取义, 血口喷人, 污蔑, 造谣, 撒谎, 说谎, 眼瞎, 瞎了, 不识字,
可笑, 呵呵, 荒唐, 莫名其妙, 自以为是, 双标, 阴阳怪气, 带节奏, 抬杠, 你先骂, 谁先骂,
有完没完, 够了, 受够了, 丢人, 心虚, 懒得理你, 懒得跟你, 跟你没法, 无理取闹, 倒打一耙,
别教我, 教我做事, 玻璃心, 活该, 傻瓜
"""


def listed(words: str) -> list[str]:
    parts = words.replace("\n", ",").split(",")
    return [word.strip() for word in parts if word.strip()]
