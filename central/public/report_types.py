"""What the receipt of each report type says besides what all say: the words of the kiosk's own receipts.

A report type that is not here gets the words of every receipt. The packs are compared in tests.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TypeWords:
    """In one language. `note` says what the paper is not; `enquiries` and `scan` replace the usual ones."""

    title: str
    note: str = ""
    enquiries: str = ""
    scan: str = ""


BY_TYPE: Mapping[str, Mapping[str, TypeWords]] = {
    "CLOSED_AREA_PERMIT": {
        "zh-Hant": TypeWords("禁區許可證申請收據", "此收據並非許可證。"),
        "zh-Hans": TypeWords("禁区许可证申请收据", "此收据不是许可证。"),
        "en": TypeWords(
            "Closed Area Permit application – receipt",
            "This slip is not a permit.",
            scan="Show this when you ask about your application.",
        ),
    },
    "COMMENDATION": {
        "zh-Hant": TypeWords("嘉許收據", "此收據只證明我們已收到你的嘉許。"),
        "zh-Hans": TypeWords("表扬收据", "此收据只证明我们已收到您的表扬。"),
        "en": TypeWords(
            "Your thanks – receipt",
            "This slip only shows that you gave us these thanks.",
            scan="Show this when you ask about your thanks.",
        ),
    },
    # Whoever finds the receipt need not know what it is about.
    "COMPLAINT_AGAINST_POLICE": {
        "zh-Hant": TypeWords("收據", "此紙只作收據。", enquiries="查詢電話：2866 7700"),
        "zh-Hans": TypeWords("收据", "此纸只作收据。", enquiries="查询电话：2866 7700"),
        "en": TypeWords(
            "Receipt",
            "This slip is only a receipt.",
            enquiries="Enquiries: tel. 2866 7700",
            scan="Show this when you ask about your form.",
        ),
    },
    "CRIME": {
        "zh-Hant": TypeWords("報案收據"),
        "zh-Hans": TypeWords("报案收据"),
        "en": TypeWords("Crime report – receipt"),
    },
    "FOUND_PROPERTY": {
        "zh-Hant": TypeWords("拾獲物品收據", "此收據不代表警方已收到物品。"),
        "zh-Hans": TypeWords("捡到物品收据", "此收据不代表警方已收到物品。"),
        "en": TypeWords(
            "Found property – receipt",
            "This slip does not say that the police have the thing.",
            scan="Show this when you ask about the thing.",
        ),
    },
    "NUISANCE": {
        "zh-Hant": TypeWords("滋擾報告收據"),
        "zh-Hans": TypeWords("骚扰报告收据"),
        "en": TypeWords("Nuisance report – receipt"),
    },
    "REQUEST_FOR_INFORMATION": {
        "zh-Hant": TypeWords("索取資料收據", "此收據只證明我們已收到你的申請。"),
        "zh-Hans": TypeWords("索取资料收据", "此收据只证明我们已收到您的申请。"),
        "en": TypeWords(
            "Request – receipt",
            "This slip only shows that you gave us this request.",
            scan="Show this when you ask about your request.",
        ),
    },
    "ROAD_EVENT_PERMIT": {
        "zh-Hant": TypeWords("道路活動許可證申請收據", "此收據並非許可證。"),
        "zh-Hans": TypeWords("道路活动许可证申请收据", "此收据不是许可证。"),
        "en": TypeWords(
            "Road Event Permit application – receipt",
            "This slip is not a permit.",
            scan="Show this when you ask about your application.",
        ),
    },
    "SUPPLEMENT": {
        "zh-Hant": TypeWords("補充資料收據", "此收據只證明我們已收到補充資料。"),
        "zh-Hans": TypeWords("补充信息收据", "此收据只证明我们已收到补充信息。"),
        "en": TypeWords("Added to a report – receipt", "This slip only shows that you added to your report."),
    },
    "TECH_CRIME_DECEPTION": {
        "zh-Hant": TypeWords("騙案及科技罪案收據"),
        "zh-Hans": TypeWords("诈骗和网络犯罪收据"),
        "en": TypeWords("Scam or computer crime – receipt"),
    },
    "TRAFFIC_ACCIDENT": {
        "zh-Hant": TypeWords("交通意外報告收據"),
        "zh-Hans": TypeWords("交通事故报告收据"),
        "en": TypeWords("Traffic accident report – receipt"),
    },
    "TRAFFIC_COMPLAINT": {
        "zh-Hant": TypeWords("交通投訴收據"),
        "zh-Hans": TypeWords("交通投诉收据"),
        "en": TypeWords("Traffic complaint – receipt"),
    },
    "VEHICLE_OBSTRUCTION": {
        "zh-Hant": TypeWords("車輛阻塞報告收據"),
        "zh-Hans": TypeWords("车辆阻塞报告收据"),
        "en": TypeWords("Vehicle in the way – receipt"),
    },
}
