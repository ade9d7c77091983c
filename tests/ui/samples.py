"""A view of every screen, in every language, as a visit gives it. All people and documents are invented."""

from collections.abc import Callable
from dataclasses import replace

from flows.languages import Language
from flows.ports import DeviceState, OfficerCall
from flows.view import (
    DeclareBody,
    Field,
    FieldKind,
    Keyboard,
    Message,
    NextStep,
    Option,
    Overlay,
    OverlayKind,
    PaperState,
    PhotoBody,
    PrivacyBody,
    Progress,
    QuestionBody,
    ReceivedBody,
    ReviewBody,
    ReviewRow,
    ScanBody,
    Screen,
    ServicesBody,
    ServiceTile,
    TriageBody,
    ViewState,
)

EN, HANT, HANS = Language.ENGLISH, Language.TRADITIONAL_CHINESE, Language.SIMPLIFIED_CHINESE

Say = Callable[[str, str, str], str]

CATEGORIES = (
    ("wallet", "wallet", "Wallet or purse", "銀包", "钱包"),
    ("bag", "shopping-bag", "Bag or luggage", "手袋、行李", "包、行李"),
    ("hkid", "id-card", "Hong Kong identity card", "香港身份證", "香港身份证"),
    ("passport", "book-user", "Passport or travel document", "護照、旅行證件", "护照、旅行证件"),
    ("bank_card", "credit-card", "Bank card", "銀行卡", "银行卡"),
    ("octopus", "train-front", "Octopus card", "八達通", "八达通"),
    ("phone", "smartphone", "Mobile phone", "手提電話", "手机"),
    ("computer", "laptop", "Computer or tablet", "電腦、平板", "电脑、平板"),
    ("camera", "camera", "Camera or headphones", "相機、耳機", "相机、耳机"),
    ("keys", "key", "Keys", "鎖匙", "钥匙"),
    ("cash", "banknote", "Cash", "現金", "现金"),
    ("jewellery", "gem", "Jewellery or watch", "首飾、手錶", "首饰、手表"),
    ("clothes", "shirt", "Clothes, umbrella, glasses", "衣物、雨傘、眼鏡", "衣物、雨伞、眼镜"),
    ("medical", "pill", "Medical items or aids", "醫療、輔助用品", "医疗、辅助用品"),
    ("pet", "paw-print", "Pet", "寵物", "宠物"),
    ("other", "ellipsis", "Something else", "其他", "其他"),
)


def _speaker(language: Language) -> Say:
    place = {EN: 0, HANT: 1, HANS: 2}[language]
    return lambda *texts: texts[place]


def _service(say: Say) -> str:
    return say("Lost property", "報失", "报失")


def _question(
    language: Language, title: str, help_: str, *fields: Field, step: int = 3, **more: object
) -> ViewState:
    can_scan = bool(more.pop("can_scan", False))
    return ViewState(
        Screen.QUESTION,
        language,
        title=title,
        help=help_,
        body=QuestionBody(fields, can_scan=can_scan),
        progress=Progress(_service(_speaker(language)), step, 7),
        can_back=True,
        can_next=True,
        can_skip=bool(more.get("can_skip", False)),
    )


def attract(language: Language) -> ViewState:
    return ViewState(Screen.ATTRACT, language)


def language(language: Language) -> ViewState:
    return ViewState(Screen.LANGUAGE, language)


def triage(language: Language) -> ViewState:
    return ViewState(
        Screen.TRIAGE, language, body=TriageBody("danger_now", 1, 3, can_inform=True), can_back=True
    )


def deaf_help(language: Language) -> ViewState:
    return ViewState(Screen.DEAF_HELP, language, can_back=True, can_next=True)


def emergency(language: Language) -> ViewState:
    return ViewState(Screen.EMERGENCY, language, calls_reach=True)


def emergency_calling(language: Language) -> ViewState:
    return replace(emergency(language), officer_call=OfficerCall.CALLING)


def emergency_lost(language: Language) -> ViewState:
    return replace(emergency_calling(language), calls_reach=False)


def services(language: Language) -> ViewState:
    say = _speaker(language)
    tile = ServiceTile("lost_property", say("Report lost property", "報失物件", "报失物品"), "search", 4)
    return ViewState(Screen.SERVICES, language, body=ServicesBody((tile,)), can_back=True)


def privacy(language: Language) -> ViewState:
    say = _speaker(language)
    paragraphs = (
        say(
            "We collect your data to look for what you lost and to reach you.",
            "我們收集你的資料，是為了尋找你遺失的物品和與你聯絡。",
            "我们收集您的资料，是为了寻找您丢失的物品并与您联系。",
        ),
        say(
            "You need not give it. Without a way to reach you we cannot return anything to you.",
            "你可以選擇不提供。但如沒有聯絡方法，我們便不能把物品交還給你。",
            "您可以选择不提供。但如果没有联系方式，我们就无法把物品交还给您。",
        ),
        say(
            "Only police staff who handle lost property see it. With your consent the MTR sees the item.",
            "只有處理失物的警務人員會看到。如你同意，港鐵會看到物品資料。",
            "只有处理失物的警务人员会看到。如您同意，港铁会看到物品资料。",
        ),
        say(
            "You may ask to see or correct your data. The address is on your receipt.",
            "你可以要求查閱或更正資料，地址印在收據上。",
            "您可以要求查阅或更正资料，地址印在收据上。",
        ),
    )
    return ViewState(
        Screen.PRIVACY,
        language,
        body=PrivacyBody(paragraphs, "2026-11", needs_sign_off=True),
        can_back=True,
        can_next=True,
        progress=Progress(_service(say), 1, 7),
    )


def categories(language: Language) -> ViewState:
    say = _speaker(language)
    options = tuple(Option(value, say(*labels), icon=icon) for value, icon, *labels in CATEGORIES)
    field = Field("items", FieldKind.MULTI_CHOICE, "", ["wallet", "hkid", "octopus"], options=options)
    return _question(
        language,
        say("What did you lose?", "你遺失了甚麼？", "您丢了什么？"),
        say(
            "You can choose several. Details and photos come later.",
            "可選多項。稍後可逐項補充資料和加相片。",
            "可选多项。稍后可以逐项补充资料和照片。",
        ),
        field,
    )


def choice(language: Language) -> ViewState:
    say = _speaker(language)
    options = (
        Option("self", say("For myself", "為自己", "为自己"), icon="user"),
        Option(
            "on_behalf",
            say("For someone else", "代別人", "代别人"),
            say("A relative, friend or guest", "親友或客人", "亲友或客人"),
            "users",
        ),
        Option("organisation", say("For an organisation", "代機構", "代机构"), icon="building-2"),
    )
    field = Field("reporter.role", FieldKind.CHOICE, "", "self", options=options)
    title = say("Who are you reporting for?", "你為誰報失？", "您为谁报失？")
    return _question(language, title, "", field, step=2)


def yes_no(language: Language) -> ViewState:
    say = _speaker(language)
    options = (
        Option("no", say("No", "不是", "不是"), icon="x"),
        Option("yes", say("Yes", "是", "是"), icon="check"),
        Option("unsure", say("I am not sure", "不肯定", "不确定"), icon="circle-help"),
    )
    field = Field("loss.suspected_theft", FieldKind.YES_NO, "", "no", options=options)
    title = say("Do you think it was stolen?", "你懷疑被盜嗎？", "您怀疑被盗吗？")
    return _question(language, title, "", field, step=4)


def text(language: Language) -> ViewState:
    say = _speaker(language)
    field = Field(
        "items[0].description",
        FieldKind.LONG_TEXT,
        "",
        say("Brown leather, golden buckle", "啡色皮革，有金色扣", "棕色皮革，有金色扣"),
        keyboard=Keyboard.WRITING,
        max_length=200,
    )
    return _question(
        language,
        say("Describe your wallet", "請描述你的銀包", "请描述您的钱包"),
        say(
            "For example colour, brand, marks. No document numbers.",
            "例如顏色、牌子、特徵。不用寫證件號碼。",
            "例如颜色、品牌、特征。不用写证件号码。",
        ),
        field,
        step=4,
    )


def contact(language: Language) -> ViewState:
    say = _speaker(language)
    fields = (
        Field(
            "reporter.phone",
            FieldKind.PHONE,
            say("Telephone", "電話", "电话"),
            "9123 456",
            keyboard=Keyboard.PHONE,
            required=True,
            max_length=30,
            hint=say(
                "Hong Kong, or + and the country code",
                "香港號碼，或 + 和國家號碼",
                "香港号码，或 + 和国家代码",
            ),
            problem=Message("phone_invalid"),
        ),
        Field(
            "reporter.email",
            FieldKind.EMAIL,
            say("E-mail (if you have one)", "電郵（如有）", "邮箱（如有）"),
            "mei@gmial.com",
            keyboard=Keyboard.EMAIL,
            max_length=120,
            warning=Message("email_typo", {"suggestion": "mei@gmail.com"}),
        ),
    )
    return _question(
        language, say("How can we reach you?", "怎樣聯絡你？", "怎样联系您？"), "", *fields, step=5
    )


def document(language: Language) -> ViewState:
    say = _speaker(language)
    field = Field(
        "reporter.doc_no",
        FieldKind.DOCUMENT,
        "",
        "A123456(4)",
        keyboard=Keyboard.CAPITALS,
        max_length=12,
        problem=Message("hkid_check_digit"),
    )
    view = _question(
        language,
        say("Number of your identity card", "你的身份證號碼", "您的身份证号码"),
        say("With the character in brackets", "連同括號內的字元", "包括括号内的字符"),
        field,
        step=2,
        can_scan=True,
    )
    return replace(view, notices=(Message("reader_unavailable"),))


def when(language: Language) -> ViewState:
    say = _speaker(language)
    field = Field(
        "event.when",
        FieldKind.WHEN,
        "",
        {
            "certainty": "between",
            "date": "2026-11-21",
            "time": "14:00",
            "until_date": "2026-11-21",
            "until_time": "15:00",
        },
        earliest="2025-11-21",
        latest="2026-11-21",
    )
    return _question(
        language, say("When did you lose it?", "何時遺失？", "什么时候丢的？"), "", field, step=4
    )


def date(language: Language) -> ViewState:
    say = _speaker(language)
    field = Field(
        "reporter.departure", FieldKind.DATE, "", "2026-11-25", earliest="2026-11-21", latest="2027-11-21"
    )
    title = say("When do you leave Hong Kong?", "你何時離開香港？", "您什么时候离开香港？")
    return replace(_question(language, title, "", field, step=5), can_skip=True)


def time(language: Language) -> ViewState:
    say = _speaker(language)
    field = Field("event.start_time", FieldKind.TIME, "", "07:30", required=True)
    title = say("What time does it begin?", "活動幾點開始？", "活动几点开始？")
    return _question(language, title, "", field, step=3)


def scan(language: Language) -> ViewState:
    body = ScanBody("hkid", DeviceState.READY, DeviceState.READY, problem=Message("scan_unreadable"))
    service = _service(_speaker(language))
    return ViewState(Screen.SCAN, language, body=body, can_back=True, progress=Progress(service, 2, 7))


def photo(language: Language) -> ViewState:
    service = _service(_speaker(language))
    return ViewState(
        Screen.PHOTO,
        language,
        body=PhotoBody(("p1", "p2"), 3, DeviceState.READY),
        can_back=True,
        can_next=True,
        progress=Progress(service, 3, 7),
    )


def review(language: Language) -> ViewState:
    say = _speaker(language)
    rows = (
        ReviewRow(
            say("Lost items", "遺失物品", "丢失物品"),
            (
                say(
                    "1. Wallet, brown leather, golden buckle",
                    "1. 銀包，啡色皮革，金色扣",
                    "1. 钱包，棕色皮革，金色扣",
                ),
                say("2. Hong Kong identity card", "2. 香港身份證，在銀包內", "2. 香港身份证，在钱包内"),
                say("3. Octopus card", "3. 八達通，在銀包內", "3. 八达通，在钱包内"),
            ),
            "items",
        ),
        ReviewRow(say("Photos", "相片", "照片"), (say("2 photos", "2 張", "2 张"),), "photos"),
        ReviewRow(
            say("Place", "地點", "地点"),
            (
                say(
                    "MTR Tsuen Wan Line, Admiralty, in the train",
                    "港鐵荃灣綫　金鐘站　車廂內",
                    "港铁荃湾线　金钟站　车厢内",
                ),
            ),
            "loss.place",
        ),
        ReviewRow(
            say("Time", "時間", "时间"),
            (
                say("21 November 2026", "2026 年 11 月 21 日", "2026 年 11 月 21 日"),
                say("between 2 pm and 3 pm", "下午 2 時至 3 時之間", "下午 2 点至 3 点之间"),
            ),
            "event.when",
        ),
        ReviewRow(
            say("Stolen?", "懷疑被盜", "怀疑被盗"), (say("No", "不是", "不是"),), "loss.suspected_theft"
        ),
        ReviewRow(say("Name", "姓名", "姓名"), (say("C**", "陳**", "陈**"),), "reporter.name"),
        ReviewRow(
            say("Identity", "身份證明", "身份证明"),
            (say("HKID A12****(*)", "香港身份證 A12****(*)", "香港身份证 A12****(*)"),),
            "reporter.doc_no",
        ),
        ReviewRow(say("Telephone", "電話", "电话"), ("9123 ****",), "reporter.phone"),
        ReviewRow(
            say("Share with MTR", "交給港鐵", "转交港铁"),
            (say("Yes, only to find the items", "同意，只用於尋找失物", "同意，只用于寻找失物"),),
            "consents.mtr_share",
        ),
    )
    return ViewState(
        Screen.REVIEW,
        language,
        body=ReviewBody(rows),
        can_back=True,
        can_next=True,
        progress=Progress(_service(say), 6, 7),
    )


def declare(language: Language) -> ViewState:
    say = _speaker(language)
    paragraphs = (
        say(
            "What I have said is true to the best of my knowledge.",
            "就我所知，我所提供的資料全部屬實。",
            "就我所知，我所提供的资料全部属实。",
        ),
        say(
            "A false report to the police is an offence: a fine of HK$1,000 and six months in prison.",
            "向警方作虛假報告屬違法，可被罰款港幣 1,000 元及監禁六個月。",
            "向警方作虚假报告属违法，可被罚款港币 1,000 元及监禁六个月。",
        ),
    )
    return ViewState(
        Screen.DECLARE,
        language,
        body=DeclareBody(paragraphs, needs_sign_off=True, problem=Message("case_storage_failed")),
        can_back=True,
        progress=Progress(_service(say), 7, 7),
        notices=(Message("printer_paper_out"),),
    )


def submitting(language: Language) -> ViewState:
    return ViewState(Screen.SUBMITTING, language, progress=Progress(_service(_speaker(language)), 7, 7))


def received(language: Language) -> ViewState:
    say = _speaker(language)
    steps = (
        NextStep(
            say(
                "MTR checks its lost property office. They write to you within 7 days.",
                "港鐵會在失物處尋找，7 天內以書面回覆你。",
                "港铁会在失物处寻找，7 天内书面回复您。",
            ),
            "train-front",
        ),
        NextStep(
            say(
                "Lost identity card: apply for a new one at a Registration of Persons Office within 14 days.",
                "身份證：14 天內到人事登記處申請補領。",
                "身份证：14 天内到人事登记处申请补领。",
            ),
            "id-card",
        ),
        NextStep(
            say(
                "Octopus: report the loss to stop its use. The hotline is on your receipt.",
                "八達通：請報失以停止使用，熱線印在收據上。",
                "八达通：请挂失以停止使用，热线印在收据上。",
            ),
            "credit-card",
        ),
    )
    body = ReceivedBody(
        "528319476034",
        "ADM RN 26112345",
        PaperState.PRINTING,
        DeviceState.BUSY,
        can_reprint=False,
        next_steps=steps,
        code_payload="REPORT1:528319476034:7KQ2M9XWHT",
        receipt_code="7KQ2M 9XWHT",
    )
    return ViewState(
        Screen.RECEIVED, language, body=body, can_next=True, progress=Progress(_service(say), 7, 7)
    )


def received_without_paper(language: Language) -> ViewState:
    view = received(language)
    assert isinstance(view.body, ReceivedBody)
    body = replace(view.body, official_number="", paper=PaperState.NOT_PRINTED, can_reprint=True)
    return replace(view, body=body)


def out_of_service(language: Language) -> ViewState:
    return ViewState(Screen.OUT_OF_SERVICE, language)


def wiped(language: Language) -> ViewState:
    return ViewState(Screen.WIPED, language)


def time_warning(language: Language) -> ViewState:
    return replace(categories(language), overlay=Overlay(OverlayKind.TIME_WARNING, 24))


def choice_called(language: Language) -> ViewState:
    return replace(choice(language), officer_call=OfficerCall.CALLING, calls_reach=True)


def attract_called(language: Language) -> ViewState:
    return replace(attract(language), officer_call=OfficerCall.CALLING, calls_reach=True)


def out_of_service_lost(language: Language) -> ViewState:
    return replace(out_of_service(language), officer_call=OfficerCall.CALLING)


def stop_confirm(language: Language) -> ViewState:
    return replace(categories(language), overlay=Overlay(OverlayKind.STOP_CONFIRM))


SAMPLES: dict[str, Callable[[Language], ViewState]] = {
    maker.__name__: maker
    for maker in (
        attract,
        attract_called,
        language,
        triage,
        deaf_help,
        emergency,
        emergency_calling,
        emergency_lost,
        services,
        privacy,
        choice,
        choice_called,
        document,
        scan,
        categories,
        text,
        photo,
        yes_no,
        when,
        date,
        time,
        contact,
        review,
        declare,
        submitting,
        received,
        received_without_paper,
        out_of_service,
        out_of_service_lost,
        wiped,
        time_warning,
        stop_confirm,
    )
}
