"""The words of a receipt as PDF, and of the pages around it. They say what the receipt on paper says."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReceiptWords:
    """Words of every receipt. `when` has the fields year, month, day and time."""

    force: str
    kiosk: str
    title: str
    reference: str
    official: str
    received: str
    items: str
    next: str
    scan: str
    scan_privacy: str
    code: str
    when: str
    months: tuple[str, ...]
    separator: str
    usual_next: tuple[str, ...]
    signed: str
    check_at: str


_NUMBERS = tuple(map(str, range(1, 13)))

RECEIPT: Mapping[str, ReceiptWords] = {
    "zh-Hant": ReceiptWords(
        force="香港警務處",
        kiosk="自助報案機",
        title="報案收據",
        reference="參考編號",
        official="官方編號",
        received="遞交時間",
        items="遺失物品",
        next="下一步",
        scan="查詢時請出示此碼",
        scan_privacy="不含個人資料",
        code="收據碼（查詢時用）",
        when="{year} 年 {month} 月 {day} 日 {time}",
        months=_NUMBERS,
        separator="、",
        usual_next=("如有需要，警員會與你聯絡。",),
        signed="此收據附有警方的數碼簽署，內容一經改動，簽署即告失效。",
        check_at="核對簽署：",
    ),
    "zh-Hans": ReceiptWords(
        force="香港警务处",
        kiosk="自助报案机",
        title="报案收据",
        reference="参考编号",
        official="官方编号",
        received="提交时间",
        items="遗失物品",
        next="下一步",
        scan="查询时请出示此码",
        scan_privacy="不含个人信息",
        code="收据码（查询时用）",
        when="{year}年{month}月{day}日 {time}",
        months=_NUMBERS,
        separator="、",
        usual_next=("如有需要，警员会与您联系。",),
        signed="此收据附有警方的数字签名，内容一经改动，签名即失效。",
        check_at="核对签名：",
    ),
    "en": ReceiptWords(
        force="Hong Kong Police Force",
        kiosk="Self-service kiosk",
        title="Report – receipt",
        reference="Reference",
        official="Official number",
        received="Submitted",
        items="Lost",
        next="What to do next",
        scan="Show this when you ask about your report.",
        scan_privacy="It holds no personal details.",
        code="Receipt code for questions",
        when="{day} {month} {year}, {time}",
        months=(
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December",
        ),
        separator=", ",
        usual_next=("An officer contacts you if there are questions.",),
        signed="This receipt is digitally signed by the police. Any change to it breaks the signature.",
        check_at="Check the signature: ",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PageWords:
    """A heading and its sentences."""

    heading: str
    lines: tuple[str, ...]


NOT_HERE: Mapping[str, PageWords] = {
    "zh-Hant": PageWords(
        "收據尚未備妥",
        ("報案需時數分鐘才能傳到中心。請稍後再試。", "你的紙本收據一樣有效。"),
    ),
    "zh-Hans": PageWords(
        "收据尚未就绪",
        ("报案需要几分钟才能传到中心。请稍后再试。", "您的纸质收据同样有效。"),
    ),
    "en": PageWords(
        "Your receipt is not here yet",
        (
            "A report takes some minutes to reach us. Please try again later.",
            "Your paper receipt is just as good.",
        ),
    ),
}

TOO_OFTEN: Mapping[str, PageWords] = {
    "zh-Hant": PageWords("請稍候", ("查詢次數過多。請於一小時後再試。",)),
    "zh-Hans": PageWords("请稍候", ("查询次数过多。请在一小时后再试。",)),
    "en": PageWords("Please wait", ("There were too many requests. Please try again in an hour.",)),
}

VERIFY: Mapping[str, PageWords] = {
    "zh-Hant": PageWords(
        "核對收據",
        (
            "每份 PDF 收據均有數碼簽署。",
            "請下載以下證書，並在 PDF 閱讀器中設為信任，再開啟收據，即可看到簽署是否有效。",
            "證書的 SHA-256 指紋必須與此相同：",
        ),
    ),
    "zh-Hans": PageWords(
        "核对收据",
        (
            "每份 PDF 收据都有数字签名。",
            "请下载以下证书，并在 PDF 阅读器中设为信任，再打开收据，即可看到签名是否有效。",
            "证书的 SHA-256 指纹必须与此相同：",
        ),
    ),
    "en": PageWords(
        "Check a receipt",
        (
            "Each PDF receipt carries a digital signature.",
            "Trust the certificate below in your PDF reader: it then says whether a receipt is unchanged.",
            "The SHA-256 fingerprint of the certificate must be this one:",
        ),
    ),
}

CERTIFICATE: Mapping[str, str] = {
    "zh-Hant": "下載證書",
    "zh-Hans": "下载证书",
    "en": "Download the certificate",
}
