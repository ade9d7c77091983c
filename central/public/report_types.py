"""What the receipt of each report type says besides what all say: the words of the kiosk's own receipts.

A report type that is not here gets the words of every receipt. The packs are compared in tests.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TypeWords:
    """In one language. `note` says what the paper is not; `enquiries` replaces those of the force."""

    title: str
    note: str = ""
    enquiries: str = ""


BY_TYPE: Mapping[str, Mapping[str, TypeWords]] = {
    "CLOSED_AREA_PERMIT": {
        "zh-Hant": TypeWords("禁區許可證申請收據", "此收據並非許可證。"),
        "zh-Hans": TypeWords("禁区许可证申请收据", "此收据不是许可证。"),
        "en": TypeWords("Closed Area Permit application – receipt", "This slip is not a permit."),
    },
    "COMMENDATION": {
        "zh-Hant": TypeWords("嘉許收據"),
        "zh-Hans": TypeWords("表扬收据"),
        "en": TypeWords("Your thanks – receipt"),
    },
    # Whoever finds the receipt need not know what it is about.
    "COMPLAINT_AGAINST_POLICE": {
        "zh-Hant": TypeWords("收據", "此紙只作收據。", enquiries="查詢電話：2866 7700"),
        "zh-Hans": TypeWords("收据", "此纸只作收据。", enquiries="查询电话：2866 7700"),
        "en": TypeWords("Receipt", "This slip is only a receipt.", enquiries="Enquiries: tel. 2866 7700"),
    },
    "CRIME": {
        "zh-Hant": TypeWords("報案收據"),
        "zh-Hans": TypeWords("报案收据"),
        "en": TypeWords("Crime report – receipt"),
    },
    "FOUND_PROPERTY": {
        "zh-Hant": TypeWords("拾獲物品收據", "此收據不代表警方已收到物品。"),
        "zh-Hans": TypeWords("捡到物品收据", "此收据不代表警方已收到物品。"),
        "en": TypeWords("Found property – receipt", "This slip does not say that the police have the thing."),
    },
    "NUISANCE": {
        "zh-Hant": TypeWords("滋擾報告收據"),
        "zh-Hans": TypeWords("骚扰报告收据"),
        "en": TypeWords("Nuisance report – receipt"),
    },
    "REQUEST_FOR_INFORMATION": {
        "zh-Hant": TypeWords("索取資料收據"),
        "zh-Hans": TypeWords("索取资料收据"),
        "en": TypeWords("Request – receipt"),
    },
    "ROAD_EVENT_PERMIT": {
        "zh-Hant": TypeWords("道路活動許可證申請收據", "此收據並非許可證。"),
        "zh-Hans": TypeWords("道路活动许可证申请收据", "此收据不是许可证。"),
        "en": TypeWords("Road Event Permit application – receipt", "This slip is not a permit."),
    },
    "SUPPLEMENT": {
        "zh-Hant": TypeWords("補充資料收據"),
        "zh-Hans": TypeWords("补充信息收据"),
        "en": TypeWords("Added to a report – receipt"),
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
