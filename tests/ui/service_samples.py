"""Views of the pages that the services need, in every language. People, numbers and reports are invented."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import samples as house

from flows.languages import Language
from flows.name_lists import load_list
from flows.picture.lists_shown import headings
from flows.view import (
    ArrivedFile,
    Entry,
    Field,
    FieldKind,
    FilesBody,
    Heading,
    Keyboard,
    ListBody,
    ListRow,
    Message,
    NoticeBody,
    NoticeLook,
    Option,
    PaperState,
    Picture,
    Progress,
    QuestionBody,
    ReceivedBody,
    ReportStatus,
    Screen,
    ServicesBody,
    ServiceTile,
    SlipButton,
    SurveyBody,
    UploadState,
    ViewState,
    WaitingBody,
)

SERVICES = (
    ("lost_property", "lost_and_found", "search", 4, "Report lost property", "報失物件", "报失物品"),
    (
        "found_property",
        "lost_and_found",
        "shopping-bag",
        2,
        "Hand in found property",
        "交出拾獲的財物",
        "交出拾到的财物",
    ),
    ("crime_report", "crime", "file-text", 6, "Report a crime", "舉報罪案", "举报案件"),
    (
        "technology_crime",
        "crime",
        "smartphone",
        8,
        "Scam or online crime",
        "騙案或網上罪案",
        "诈骗或网上案件",
    ),
    (
        "crime_information",
        "crime",
        "message-square-text",
        3,
        "Give information on a crime",
        "提供罪案資料",
        "提供案件线索",
    ),
    ("nuisance", "nuisance", "bell-ring", 4, "Noise or nuisance calls", "噪音或滋擾電話", "噪音或骚扰电话"),
    ("vehicle_obstruction", "traffic", "triangle-alert", 3, "Vehicle in the way", "車輛阻塞", "车辆阻塞"),
    ("traffic_complaint", "traffic", "signpost", 4, "Traffic complaint", "交通投訴", "交通投诉"),
    (
        "traffic_accident",
        "traffic",
        "car-taxi-front",
        8,
        "Traffic accident, damage only",
        "交通意外（只有損毀）",
        "交通事故（仅有损坏）",
    ),
    ("report_status", "my_report", "list", 2, "How is my report?", "查詢報告進度", "查询报告进度"),
    ("report_supplement", "my_report", "plus", 3, "Add to my report", "補充報告資料", "补充报告资料"),
    ("information_request", "my_report", "circle-help", 4, "Ask for information", "索取資料", "申请资料"),
    ("closed_area_permit", "permits", "id-card", 8, "Closed Area Permit", "禁區許可證", "禁区许可证"),
    (
        "road_event_permit",
        "permits",
        "users",
        8,
        "Permit for an event on a road",
        "道路活動許可證",
        "道路活动许可证",
    ),
    ("police_complaint", "feedback", "pen-line", 6, "Complaint against police", "投訴警察", "投诉警察"),
    ("commendation", "feedback", "gem", 3, "Praise for an officer", "表揚警務人員", "表扬警务人员"),
    ("information", "help", "info", 1, "Stations, hotlines, help", "警署、熱線及求助", "警署、热线与求助"),
    ("contact_desk", "help", "building-2", 1, "Reach a police desk", "聯絡警署櫃位", "联系警署柜台"),
)


def _say(language: Language) -> house.Say:
    return house._speaker(language)


def _progress(language: Language, step: int = 3) -> Progress:
    return Progress(_say(language)("Traffic accident, damage only", "交通意外", "交通事故"), step, 7)


def services_all(language: Language) -> ViewState:
    say = _say(language)
    tiles = tuple(
        ServiceTile(service, say(*words), icon, minutes, group)
        for service, group, icon, minutes, *words in SERVICES
    )
    return ViewState(Screen.SERVICES, language, body=ServicesBody(tiles), can_back=True)


def services_six(language: Language) -> ViewState:
    view = services_all(language)
    assert isinstance(view.body, ServicesBody)
    return replace(view, body=ServicesBody((view.body.tiles[8], *view.body.tiles[:2], *view.body.tiles[15:])))


# --- notices ------------------------------------------------------------------------------------------------


def _notice(language: Language, title: str, body: NoticeBody, **more: Any) -> ViewState:
    return ViewState(
        Screen.NOTICE,
        language,
        title=title,
        body=body,
        progress=_progress(language),
        can_back=True,
        can_next=not body.final,
        **more,
    )


def notice_calm(language: Language) -> ViewState:
    say = _say(language)
    paragraphs = (
        say("We have received your report.", "我們已收到你的報告。", "我们已收到您的报告。"),
        say(
            "An officer looks at it within two days. You need not do anything now.",
            "警員會在兩天內處理，你現在毋須做任何事。",
            "警员会在两天内处理，您现在不需要做任何事。",
        ),
    )
    title = say("How your report stands", "你的報告進度", "您的报告进度")
    return _notice(language, title, NoticeBody(NoticeLook.CALM, paragraphs))


def notice_status(language: Language) -> ViewState:
    say = _say(language)
    status = ReportStatus(
        "in_progress",
        "ADM RN 26112345",
        say(
            "20 November 2026, 2:30 pm",
            "2026 年 11 月 20 日下午 2 時 30 分",
            "2026 年 11 月 20 日下午 2 点 30 分",
        ),
        say(
            "21 November 2026, 9:05 am",
            "2026 年 11 月 21 日上午 9 時 5 分",
            "2026 年 11 月 21 日上午 9 点 5 分",
        ),
        say(
            "We have asked the MTR. <b>Nothing</b> yet.",
            "我們已向港鐵查詢，暫時未有消息。",
            "我们已向港铁查询，暂时没有消息。",
        ),
    )
    paragraphs = (say("You need not do anything now.", "你現在毋須做任何事。", "您现在不需要做任何事。"),)
    title = say("How your report stands", "你的報告進度", "您的报告进度")
    return _notice(language, title, NoticeBody(NoticeLook.CALM, paragraphs, final=True, status=status))


def notice_entries(language: Language) -> ViewState:
    say = _say(language)
    station = Entry(
        say("Wan Chai Police Station", "灣仔警署", "湾仔警署"),
        (
            say("1 Arsenal Street, Wan Chai", "灣仔軍器廠街 1 號", "湾仔军器厂街 1 号"),
            say("Open all day, every day", "每日 24 小時", "每日 24 小时"),
        ),
        "3661 1612",
        "building-2",
    )
    hotline = Entry(say("Anti-scam helpline", "防騙易熱線", "防骗易热线"), (), "18222", "phone")
    app = Entry(
        "HKSOS",
        (say("An app that sends your place", "可傳送位置的應用程式", "可以发送位置的应用"),),
        "",
        "smartphone",
    )
    body = NoticeBody(
        NoticeLook.CALM,
        (say("Help near this place:", "附近的服務：", "附近的服务："),),
        (station, hotline, app, replace(station, name=say("Central Police Station", "中區警署", "中区警署"))),
        code="https://www.police.gov.hk/info",
        final=True,
    )
    return _notice(language, say("Stations and hotlines", "警署及熱線", "警署与热线"), body)


def notice_officer(language: Language) -> ViewState:
    say = _say(language)
    body = NoticeBody(
        NoticeLook.OFFICER,
        (
            say(
                "Somebody was hurt, so this must be told to an officer.",
                "因有人受傷，必須向警員報告。",
                "由于有人受伤，必须向警员报告。",
            ),
            say("Please do not leave.", "請不要離開。", "请不要离开。"),
        ),
        final=True,
        can_call_officer=True,
    )
    title = say("Please speak to an officer", "請與警員聯絡", "请联系警员")
    return _notice(language, title, body, calls_reach=True)


def notice_emergency(language: Language) -> ViewState:
    say = _say(language)
    words = (say("Go to a safe place first.", "請先到安全的地方。", "请先到安全的地方。"),)
    body = NoticeBody(NoticeLook.EMERGENCY, words, final=True, can_call_officer=True)
    return _notice(language, say("Call 999 now", "請立即致電 999", "请立即拨打 999"), body, calls_reach=True)


def notice_legal(language: Language) -> ViewState:
    say = _say(language)
    words = (
        say(
            "By Cap. 374 s.56 a driver must give name, address and insurer to the others.",
            "根據第 374 章第 56 條，司機必須向對方提供姓名、地址和保險公司。",
            "根据第 374 章第 56 条，司机必须向对方提供姓名、地址和保险公司。",
        ),
        say(
            "Who could not do so must report it within 24 hours.",
            "未能即場提供的，須於 24 小時內報案。",
            "没能当场提供的，须在 24 小时内报案。",
        ),
    )
    body = NoticeBody(NoticeLook.LEGAL, words, needs_sign_off=True)
    return _notice(language, say("What the law asks of you", "法例對你的要求", "法律对您的要求"), body)


# --- lists, files, waiting, survey --------------------------------------------------------------------------


def _list(language: Language, body: ListBody, can_next: bool = True) -> ViewState:
    say = _say(language)
    return ViewState(
        Screen.LIST,
        language,
        title=say("What did you pay?", "你付了哪些款項？", "您付了哪些款项？"),
        help=say(
            "Add every payment. You can change them later.",
            "請逐項加入，稍後可以更改。",
            "请逐项添加，稍后可以更改。",
        ),
        body=body,
        progress=_progress(language),
        can_back=True,
        can_next=can_next,
    )


def list_full(language: Language) -> ViewState:
    say = _say(language)
    label = say("Payment", "款項", "款项")
    to = say("Bank transfer to account 012-345***", "銀行轉帳至帳戶 012-345***", "银行转账至账户 012-345***")
    day = say(
        "20 November 2026, HK$12,000",
        "2026 年 11 月 20 日，港幣 12,000 元",
        "2026 年 11 月 20 日，港币 12,000 元",
    )
    rows = tuple(
        ListRow(f"{label} {number}", (to, day), f"transactions[{number - 1}]", unfinished=number == 2)
        for number in (1, 2, 3)
    )
    total = say("Together HK$36,000", "合共港幣 36,000 元", "合计港币 36,000 元")
    add = say("Add another payment", "加入另一筆款項", "添加另一笔款项")
    return _list(language, ListBody(rows, can_add=True, add=add, total=total))


def list_one(language: Language) -> ViewState:
    say = _say(language)
    row = ListRow(
        say("The driver of this report", "報案的司機", "报案的司机"),
        ("陳**",),
        "parties[0]",
        can_remove=False,
    )
    return _list(language, ListBody((row,), can_add=False))


def list_empty(language: Language) -> ViewState:
    add = _say(language)("Add a witness", "加入一名證人", "添加一名证人")
    return _list(language, ListBody((), can_add=True, add=add))


def files_open(language: Language) -> ViewState:
    return _files(language, FilesBody(UploadState.OPEN, "https://centre.example/u/Q7W2K9XM4T", (), 30))


def files_some(language: Language) -> ViewState:
    files = (
        ArrivedFile("a1", "picture", 2_300_000),
        ArrivedFile("a2", "picture", 800_000),
        ArrivedFile("a3", "video", 48_000_000),
        ArrivedFile("a4", "document", 12_000),
        ArrivedFile("a5", "sound", 640_000),
    )
    return _files(language, FilesBody(UploadState.OPEN, "https://centre.example/u/Q7W2K9XM4T", files, 30))


def files_opening(language: Language) -> ViewState:
    return _files(language, FilesBody(UploadState.OPENING, "", (), 30))


def files_unreachable(language: Language) -> ViewState:
    files = (ArrivedFile("a1", "picture", 2_300_000),)
    return _files(language, FilesBody(UploadState.UNREACHABLE, "", files, 1))


def _files(language: Language, body: FilesBody) -> ViewState:
    return ViewState(
        Screen.FILES,
        language,
        body=body,
        progress=_progress(language),
        can_back=True,
        can_next=bool(body.files),
        can_skip=not body.files,
    )


def waiting(language: Language) -> ViewState:
    return ViewState(Screen.WAITING, language, body=WaitingBody(), can_back=True)


def waiting_failed(language: Language) -> ViewState:
    body = WaitingBody(Message("enquiry_unreachable", {"desk": "2527 7177"}))
    return ViewState(Screen.WAITING, language, body=body, can_back=True, can_next=True, can_skip=True)


_RATINGS = ("very_good", "good", "fair", "bad", "very_bad")
_REASONS = ("clear", "quick", "helpful", "hard_to_read", "too_long", "device_trouble", "other_language")


def survey_rating(language: Language) -> ViewState:
    body = SurveyBody("satisfied", _RATINGS, (), several=False, number=1, count=3)
    return ViewState(Screen.SURVEY, language, body=body, can_skip=True)


def survey_rated(language: Language) -> ViewState:
    body = SurveyBody("easy", _RATINGS, ("fair",), several=False, number=2, count=3)
    return ViewState(
        Screen.SURVEY,
        language,
        body=body,
        progress=_progress(language, 7),
        can_back=True,
        can_next=True,
        can_skip=True,
    )


def survey_reasons(language: Language) -> ViewState:
    body = SurveyBody("reasons", _REASONS, ("quick", "other_language"), several=True, number=3, count=3)
    return ViewState(Screen.SURVEY, language, body=body, can_back=True, can_next=True, can_skip=True)


# --- fields -------------------------------------------------------------------------------------------------


def _page(language: Language, title: str, field: Field, help_: str = "", can_skip: bool = False) -> ViewState:
    return ViewState(
        Screen.QUESTION,
        language,
        title=title,
        help=help_,
        body=QuestionBody((field,)),
        progress=_progress(language),
        can_back=True,
        can_next=True,
        can_skip=can_skip,
    )


def headings_of(name: str, language: Language) -> tuple[Heading, ...]:
    """A list as it ships with the kiosk."""
    return headings(load_list(name), language)


def stations(language: Language) -> ViewState:
    field = Field(
        "loss.station",
        FieldKind.LISTED,
        "",
        "adm",
        headings=headings_of("mtr_stations", language),
        keyboard=Keyboard.WRITING,
    )
    title = _say(language)("Which MTR station?", "哪個港鐵站？", "哪个港铁站？")
    return _page(language, title, field)


def stations_one_line(language: Language) -> ViewState:
    view = stations(language)
    assert isinstance(view.body, QuestionBody)
    field = replace(view.body.fields[0], name="loss.stop", headings=view.body.fields[0].headings[1:2])
    return replace(view, body=QuestionBody((field,)))


CAR = (
    ("front_left", "Front left", "左前方", "左前方"),
    ("front", "Front", "車頭", "车头"),
    ("front_right", "Front right", "右前方", "右前方"),
    ("left", "Left side", "左側", "左侧"),
    ("roof", "Roof", "車頂", "车顶"),
    ("right", "Right side", "右側", "右侧"),
    ("rear_left", "Rear left", "左後方", "左后方"),
    ("rear", "Rear", "車尾", "车尾"),
    ("rear_right", "Rear right", "右後方", "右后方"),
    ("underneath", "Underneath", "車底", "车底"),
)


def car(language: Language) -> ViewState:
    say = _say(language)
    options = tuple(Option(value, say(*words)) for value, *words in CAR)
    field = Field(
        "vehicles[0].damage",
        FieldKind.MULTI_CHOICE,
        "",
        ["front_left", "roof"],
        options=options,
        picture=Picture.CAR,
    )
    return _page(
        language,
        say("Where is your car damaged?", "你的車輛哪裏受損？", "您的车辆哪里受损？"),
        field,
        say("Touch the picture or the words.", "可按圖或按文字。", "可以点图或点文字。"),
    )


def sketch(language: Language) -> ViewState:
    roads = "380,0 380,1000;620,0 620,1000;500,60 500,180;500,300 500,420;500,580 500,700;500,820 500,940"
    drawn = "440,760 440,700 430,640 440,560;560,300 560,360 540,440 470,500;400,480 420,520 480,540"
    field = Field("accident.sketch", FieldKind.SKETCH, "", f"{roads};{drawn}", max_length=20_000)
    title = _say(language)("Draw how it happened", "請畫出經過", "请画出经过")
    help_ = _say(language)("You may leave this out.", "可以不畫。", "可以不画。")
    return _page(language, title, field, help_, can_skip=True)


def sketch_empty(language: Language) -> ViewState:
    field = Field("accident.plan", FieldKind.SKETCH, "", "", max_length=20_000)
    title = _say(language)("Draw how it happened", "請畫出經過", "请画出经过")
    return _page(language, title, field, can_skip=True)


# --- the end, and confidential services ---------------------------------------------------------------------


def received_slips(language: Language) -> ViewState:
    say = _say(language)
    view = house.received(language)
    assert isinstance(view.body, ReceivedBody)
    label = say("Print a slip for the other driver", "列印給另一位司機的字條", "打印给另一位司机的字条")
    slips = (SlipButton("exchange[0]", label, PaperState.PRINTED), SlipButton("exchange[1]", label))
    return replace(view, body=replace(view.body, paper=PaperState.PRINTED, slips=slips))


def emergency_confidential(language: Language) -> ViewState:
    return replace(house.emergency(language), offers_officer=False)


def notice_confidential(language: Language) -> ViewState:
    return replace(notice_officer(language), offers_officer=False)


SERVICE_SAMPLES: dict[str, Callable[[Language], ViewState]] = {
    maker.__name__: maker
    for maker in (
        services_all,
        services_six,
        notice_calm,
        notice_status,
        notice_entries,
        notice_officer,
        notice_emergency,
        notice_legal,
        notice_confidential,
        list_full,
        list_one,
        list_empty,
        files_open,
        files_some,
        files_opening,
        files_unreachable,
        waiting,
        waiting_failed,
        survey_rating,
        survey_rated,
        survey_reasons,
        stations,
        stations_one_line,
        car,
        sketch,
        sketch_empty,
        received_slips,
        emergency_confidential,
    )
}
